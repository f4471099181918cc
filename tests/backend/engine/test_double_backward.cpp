// A gradient penalty goes backwards through a gradient: which layers of a discriminator can that, and rightly.

#include <torch/torch.h>
//
#include <QTest>
#include <set>

#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/padded_sequences.h"
#include "tests/support/sample_project.h"
#include "tests/support/sample_rows.h"

using namespace netwright;

namespace {

/// LibTorch 1.13 knows the first derivative of these alone; newer ones know more.
const std::set<std::string> incapable = {"Hardsigmoid"};

/// (‖∂ Σ y·w / ∂x‖₂ − 1)² summed over the samples, as in WGAN-GP (Gulrajani et al. 2017), with weights `w` that make
/// outputs of any shape one number.
torch::Tensor penalty(GraphModule& module, const std::vector<torch::Tensor>& inputs,
                      const std::vector<torch::Tensor>& weights) {
  const auto outputs = module.forward(inputs);
  torch::Tensor sum = torch::zeros({}, torch::kFloat64);
  for (std::size_t i = 0; i < outputs.size(); ++i) sum = sum + (outputs[i] * weights[i]).sum();
  const auto gradients = torch::autograd::grad({sum}, inputs, {}, true, true, true);
  torch::Tensor all = torch::zeros({}, torch::kFloat64);
  for (const torch::Tensor& gradient : gradients) {
    if (gradient.defined()) all = all + (gradient.flatten(1).square().sum(1) + 1e-3).sqrt().sub(1).square().sum();
  }
  return all;
}

/// The directional derivative of the penalty over inputs and weights, by autograd and by differences.
struct Slopes {
  double found = 0;
  double expected = 0;
};

Slopes slopes_of(GraphModule& module, const std::vector<torch::Tensor>& inputs) {
  std::vector<torch::Tensor> weights;
  for (const torch::Tensor& output : module.forward(inputs)) weights.push_back(torch::randn_like(output).detach());
  std::vector<torch::Tensor> variables = inputs;
  for (const torch::Tensor& parameter : module.parameters()) variables.push_back(parameter);
  std::vector<torch::Tensor> direction;
  for (const torch::Tensor& variable : variables) direction.push_back(torch::randn_like(variable).detach());

  Slopes slopes;
  const torch::Tensor at = penalty(module, inputs, weights);
  if (at.requires_grad()) {
    const auto gradients = torch::autograd::grad({at}, variables, {}, false, false, true);
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (gradients[i].defined()) slopes.found += (gradients[i] * direction[i]).sum().item<double>();
    }
  }
  constexpr double step = 1e-6;
  const auto moved = [&](double by) {
    {
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < variables.size(); ++i) variables[i].add_(direction[i], by);
    }
    return penalty(module, inputs, weights).item<double>();
  };
  const double after = moved(step);
  const double before = moved(-2 * step);
  moved(step);
  slopes.expected = (after - before) / (2 * step);
  return slopes;
}

bool agree(const Slopes& slopes) {
  return std::abs(slopes.found - slopes.expected) <= 1e-5 * std::max(1.0, std::abs(slopes.expected));
}

torch::Tensor image(std::int64_t samples, bool channels_last) {
  const torch::Tensor x = torch::randn({samples, 2, 8, 8}, torch::kFloat64);
  const auto format = channels_last ? torch::MemoryFormat::ChannelsLast : torch::MemoryFormat::Contiguous;
  return x.contiguous(format).set_requires_grad(true);
}

}  // namespace

class TestDoubleBackward : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { torch::set_num_threads(1); }
  void init() { torch::manual_seed(6); }

  void of_a_discriminator_data() {
    QTest::addColumn<QString>("normalisation");
    QTest::addColumn<QString>("activation");
    QTest::addColumn<bool>("channels_last");
    for (const bool channels_last : {false, true}) {
      for (const char* normalisation : {"", "LayerNorm", "InstanceNorm2d", "GroupNorm", "BatchNorm2d"}) {
        QTest::addRow("%s, %s", normalisation, channels_last ? "channels last" : "channels first")
            << normalisation << "LeakyReLU" << channels_last;
      }
      QTest::addRow("SiLU, %s", channels_last ? "channels last" : "channels first") << "LayerNorm"
                                                                                    << "SiLU" << channels_last;
    }
  }
  void of_a_discriminator() {
    QFETCH(QString, normalisation);
    QFETCH(QString, activation);
    QFETCH(bool, channels_last);
    Project project = empty_project();
    Drawing draw(project);
    const Settings conv = {{"out_channels", std::int64_t{4}},
                           {"kernel_size", Integers{4, 4}},
                           {"stride", Integers{2, 2}},
                           {"padding", Integers{1, 1}}};
    draw.add("Input", "image", {{"shape", Integers{2, 8, 8}}});
    draw.add("Conv2d", "conv1", conv);
    draw.add(activation.toStdString(), "act1");
    draw.add("Conv2d", "conv2", conv);
    const Settings three = {{"normalized_dims", std::int64_t{3}}};
    if (!normalisation.isEmpty())
      draw.add(normalisation.toStdString(), "norm", normalisation == "LayerNorm" ? three : Settings());
    draw.add(activation.toStdString(), "act2");
    draw.add("Dropout", "dropout", {{"p", 0.0}});
    draw.add("Flatten", "flatten");
    draw.add("Linear", "fc", {{"out_features", std::int64_t{1}}});
    draw.add("Output", "output");
    const auto module = padded_sequences::module_of(project);
    if (channels_last) {
      for (torch::Tensor& parameter : module->parameters()) {
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
      }
    }
    const Slopes slopes = slopes_of(*module, {image(3, channels_last)});
    QVERIFY(slopes.expected != 0);
    QVERIFY2(agree(slopes), qPrintable(QString("%1, not %2").arg(slopes.found).arg(slopes.expected)));
  }

  void of_every_row_data() {
    add_samples([](const LayerSpec& spec, const Sample& sample) {
      return spec.call && !sample.inputs.empty() && spec.elements != Elements::Indices;
    });
  }
  void of_every_row() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Sample& chosen = spec.samples[static_cast<std::size_t>(sample)];
    const auto module = padded_sequences::module_of(sample_project(spec, chosen));
    QVERIFY(module);
    // What is random is another function each time.
    module->eval();
    std::vector<torch::Tensor> inputs;
    for (const Shape& shape : chosen.inputs) {
      Integers sizes = {2};
      for (const Dim& dim : shape.dims()) sizes.push_back(*dim);
      const torch::Tensor x =
          chosen.is_positive ? torch::rand(sizes, torch::kFloat64) + 0.5 : torch::randn(sizes, torch::kFloat64);
      inputs.push_back(x.set_requires_grad(true));
    }
    Slopes slopes;
    try {
      slopes = slopes_of(*module, inputs);
    } catch (const std::exception& error) {
      QVERIFY2(incapable.contains(spec.type), error.what());
      return;
    }
    QVERIFY2(agree(slopes), qPrintable(QString("%1, not %2").arg(slopes.found).arg(slopes.expected)));
  }
};

QTEST_GUILESS_MAIN(TestDoubleBackward)
#include "test_double_backward.moc"
