#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <nlohmann/json.hpp>

#include "backend/engine/losses.h"
#include "tests/support/python_torch.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Tensors = std::vector<torch::Tensor>;

/// A loss here and in losses_oracle.py, of the same inputs. Those of a real type with gradients are learned.
struct Case {
  std::string name;
  std::string oracle;
  Tensors inputs;
  nlohmann::json arguments;
  std::function<torch::Tensor(const Tensors&)> loss;
};

const torch::TensorOptions real = torch::TensorOptions(torch::kFloat64);

torch::Tensor learned(const torch::Tensor& tensor) {
  return tensor.clone().requires_grad_();
}

ClassLoss with(const char* kind, OutputForm form = OutputForm::Scores) {
  return {.kind = kind, .form = form};
}

/// Scores as a last Softmax or LogSoftmax would have made them into what the loss gets.
torch::Tensor in_form(OutputForm form, const torch::Tensor& scores) {
  if (form == OutputForm::Probabilities) return scores.softmax(1);
  return form == OutputForm::LogProbabilities ? scores.log_softmax(1) : scores;
}

torch::Tensor of_labels(OutputForm form, const torch::Tensor& scores) {
  if (form == OutputForm::Probabilities) return scores.sigmoid();
  return form == OutputForm::LogProbabilities ? torch::log_sigmoid(scores) : scores;
}

const char* name_of(OutputForm form) {
  if (form == OutputForm::Scores) return "scores";
  return form == OutputForm::Probabilities ? "probabilities" : "log-probabilities";
}

void add_class_losses(std::vector<Case>& cases) {
  const torch::Tensor scores = learned(3 * torch::randn({13, 5}, real));
  const torch::Tensor targets = torch::randint(5, {13}, torch::kInt64);
  const torch::Tensor pixels = learned(2 * torch::randn({3, 4, 5, 6}, real));
  const torch::Tensor mask = torch::randint(3, {3, 5, 6}, torch::kInt64);  // the last class is nowhere
  const torch::Tensor weights = torch::rand({5}, real) + 0.2;
  const torch::Tensor pixel_weights = torch::rand({4}, real) + 0.2;
  const torch::Tensor labels = torch::randint(2, {13, 5}, real);

  for (const OutputForm form : {OutputForm::Scores, OutputForm::Probabilities, OutputForm::LogProbabilities}) {
    const std::string of = std::string(" of ") + name_of(form);
    for (const double smoothing : {0.0, 0.1}) {
      for (const bool is_weighted : {false, true}) {
        ClassLoss loss = with("cross_entropy", form);
        loss.label_smoothing = smoothing;
        if (is_weighted) loss.class_weights = weights;
        Tensors inputs = {scores, targets};
        if (is_weighted) inputs.push_back(weights);
        cases.push_back({"cross_entropy" + of + (smoothing > 0 ? ", smoothed" : "") + (is_weighted ? ", weighted" : ""),
                         "cross_entropy",
                         inputs,
                         {{"smoothing", smoothing}},
                         [=](const Tensors& in) { return loss(in_form(form, in[0]), in[1]); }});
      }
    }
    cases.push_back({"bce" + of, "bce_with_logits", {scores, labels}, {}, [form](const Tensors& in) {
                       return with("bce_with_logits", form)(of_labels(form, in[0]), in[1]);
                     }});
    cases.push_back({"dice" + of, "dice", {pixels, mask}, {}, [form](const Tensors& in) {
                       return with("dice", form)(in_form(form, in[0]), in[1]);
                     }});
  }
  ClassLoss smoothed_pixels = with("cross_entropy");
  smoothed_pixels.label_smoothing = 0.2;
  smoothed_pixels.class_weights = pixel_weights;
  cases.push_back({"cross_entropy of pixels, smoothed, weighted",
                   "cross_entropy",
                   {pixels, mask, pixel_weights},
                   {{"smoothing", 0.2}},
                   [=](const Tensors& in) { return smoothed_pixels(in[0], in[1]); }});
  ClassLoss both = with("cross_entropy_dice");
  both.class_weights = pixel_weights;
  cases.push_back(
      {"cross_entropy_dice, weighted", "cross_entropy_dice", {pixels, mask, pixel_weights}, {}, [=](const Tensors& in) {
         return both(in[0], in[1]);
       }});
  const torch::Tensor logarithms = learned(scores.detach().log_softmax(1));
  ClassLoss nll = with("nll", OutputForm::LogProbabilities);
  nll.class_weights = weights;
  cases.push_back({"nll, weighted", "nll", {logarithms, targets, weights}, {}, [=](const Tensors& in) {
                     return nll(in[0], in[1]);
                   }});
  cases.push_back({"nll of whatever comes", "nll", {scores, targets}, {}, [=](const Tensors& in) {
                     return with("nll")(in[0], in[1]);
                   }});

  for (const double gamma : {0.0, 0.5, 2.0, 5.0}) {
    ClassLoss focal = with("focal");
    focal.gamma = gamma;
    cases.push_back({"focal, gamma " + std::to_string(gamma),
                     "focal",
                     {scores, targets},
                     {{"gamma", gamma}},
                     [=](const Tensors& in) { return focal(in[0], in[1]); }});
    focal.class_weights = weights;
    cases.push_back({"focal, weighted, gamma " + std::to_string(gamma),
                     "focal",
                     {scores, targets, weights},
                     {{"gamma", gamma}},
                     [=](const Tensors& in) { return focal(in[0], in[1]); }});
    focal.class_weights.reset();
    cases.push_back({"focal of two, gamma " + std::to_string(gamma),
                     "focal_of_two",
                     {learned(2 * torch::randn({9, 2}, real)), torch::randint(2, {9}, torch::kInt64)},
                     {{"gamma", gamma}},
                     [=](const Tensors& in) { return focal(in[0], in[1]); }});
  }
}

void add_number_losses(std::vector<Case>& cases) {
  const torch::Tensor output = learned(torch::randn({7, 3}, real));
  const torch::Tensor targets = torch::randn({7, 3}, real);
  for (const char* kind : {"mse", "l1", "huber", "smooth_l1"}) {
    for (const double delta : {0.3, 1.0, 2.5}) {
      const Settings settings = {{"loss", std::string(kind)}, {"delta", delta}};
      const bool has_delta = settings.text("loss") == "huber" || settings.text("loss") == "smooth_l1";
      cases.push_back({std::string(kind) + ", delta " + std::to_string(delta),
                       kind,
                       {output, targets},
                       has_delta ? nlohmann::json{{"delta", delta}} : nlohmann::json(),
                       [=](const Tensors& in) { return number_loss(settings, in[0], in[1]); }});
    }
  }
  torch::Tensor values = torch::rand({6, 8}, real);
  const torch::Tensor wanted = torch::rand({6, 8}, real);
  values[0][0] = 0;  // against 1: the logarithm is clamped
  wanted[0][0] = 1;
  values[0][1] = 1;
  wanted[0][1] = 0;
  values[0][2] = 1;
  wanted[0][2] = 1;
  cases.push_back({"reconstruction mse", "mse", {learned(values), wanted}, {}, [](const Tensors& in) {
                     return reconstruction_loss("mse", in[0], in[1]);
                   }});
  cases.push_back({"reconstruction bce", "bce", {learned(values), wanted}, {}, [](const Tensors& in) {
                     return reconstruction_loss("bce", in[0], in[1]);
                   }});
  cases.push_back(
      {"sparsity l1", "sparsity_l1", {output}, {}, [](const Tensors& in) { return sparsity_penalty("l1", 0, in[0]); }});
  cases.push_back(
      {"sparsity kl", "sparsity_kl", {learned(torch::rand({6, 8}, real))}, {{"rate", 0.05}}, [](const Tensors& in) {
         return sparsity_penalty("kl", 0.05, in[0]);
       }});
  cases.push_back(
      {"variational", "variational", {output, learned(torch::randn({7, 3}, real))}, {}, [](const Tensors& in) {
         return kl_from_standard_normal(in[0], in[1]);
       }});
}

void add_adversarial_losses(std::vector<Case>& cases) {
  const torch::Tensor real_scores = learned(2 * torch::randn({9, 1}, real));
  const torch::Tensor fake_scores = learned(2 * torch::randn({9, 1}, real));
  for (const std::string kind : {"non_saturating", "least_squares", "hinge", "wasserstein_gp"}) {
    for (const double label : {1.0, 0.9}) {
      cases.push_back({"discriminator " + kind + ", label " + std::to_string(label),
                       "discriminator",
                       {real_scores, fake_scores},
                       {{"kind", kind}, {"real_label", label}},
                       [=](const Tensors& in) { return discriminator_loss(kind, in[0], in[1], label); }});
    }
    cases.push_back({"generator " + kind, "generator", {fake_scores}, {{"kind", kind}}, [=](const Tensors& in) {
                       return generator_loss(kind, in[0]);
                     }});
  }
  const Tensors critic = {learned(torch::randn({5, 12}, real)),      learned(torch::randn({5}, real)),
                          learned(torch::randn({3, 2, 3, 3}, real)), torch::randn({4, 2, 5, 5}, real),
                          torch::randn({4, 2, 5, 5}, real),          torch::rand({4}, real)};
  cases.push_back({"gradient penalty", "gradient_penalty", critic, {}, [](const Tensors& in) {
                     const auto score = [&](const torch::Tensor& x) {
                       const torch::Tensor hidden = torch::leaky_relu(torch::conv2d(x, in[2], {}, 2), 0.2).flatten(1);
                       return torch::tanh(hidden.matmul(in[0].t())).matmul(in[1]);
                     };
                     return gradient_penalty(score, in[3], in[4], in[5]);
                   }});
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  add_class_losses(cases);
  add_number_losses(cases);
  add_adversarial_losses(cases);
  return cases;
}

double share(const torch::Tensor& mask) {
  return mask.to(torch::kFloat64).mean().item<double>();
}

}  // namespace

class TestLosses : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    const unsigned seed = test_seed();
    qInfo("NETWRIGHT_SEED=%u", seed);
    torch::manual_seed(seed);
    cases_ = all_cases();
    nlohmann::json plan = nlohmann::json::array();
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const Case& c = cases_[i];
      nlohmann::json row = {{"name", std::to_string(i)}, {"loss", c.oracle}, {"inputs", nlohmann::json::array()}};
      row["arguments"] = c.arguments.is_null() ? nlohmann::json::object() : c.arguments;
      for (std::size_t k = 0; k < c.inputs.size(); ++k) {
        const std::string file = std::to_string(i) + "." + std::to_string(k);
        write_numbers(folder_.filePath(QString::fromStdString(file)), c.inputs[k]);
        row["inputs"].push_back({{"file", file},
                                 {"sizes", c.inputs[k].sizes().vec()},
                                 {"type", c.inputs[k].is_floating_point() ? "float64" : "int64"},
                                 {"is_learned", c.inputs[k].requires_grad()}});
      }
      plan.push_back(row);
    }
    QFile file(folder_.filePath("cases.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(plan.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/engine/losses_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }

  void equals_pytorch_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < cases_.size(); ++i) QTest::newRow(cases_[i].name.c_str()) << static_cast<int>(i);
  }
  void equals_pytorch() {
    QFETCH(int, index);
    const Case& c = cases_[static_cast<std::size_t>(index)];
    Tensors learned_inputs;
    for (const torch::Tensor& input : c.inputs) {
      if (input.requires_grad()) learned_inputs.push_back(input);
    }
    const torch::Tensor loss = c.loss(c.inputs);
    QCOMPARE(loss.dim(), std::int64_t(0));
    Tensors found = {loss.detach().view(1)};
    for (const torch::Tensor& gradient : torch::autograd::grad({loss}, learned_inputs))
      found.push_back(gradient.flatten());
    const torch::Tensor all = torch::cat(found);
    const torch::Tensor expected =
        read_numbers<double>(folder_.filePath(QString("%1.expected").arg(index)), {all.numel()});
    // BCE's slope at a clamped logarithm is 1e12, so each number is weighed by its own size.
    const double worst = ((all - expected).abs() / (1 + expected.abs())).max().item<double>();
    QVERIFY2(worst < 1e-10, qPrintable(QString::number(worst)));
    QVERIFY(expected.narrow(0, 1, expected.numel() - 1).abs().max().item<double>() > 0);
  }

  void settings_are_read() {
    const Settings settings = {{"loss", std::string("focal")},
                               {"label_smoothing", 0.25},
                               {"gamma", 3.5},
                               {"class_weights", std::string("none")}};
    const torch::Tensor weights = torch::ones({3});
    const ClassLoss loss = class_loss_of(settings, OutputForm::LogProbabilities, weights);
    QCOMPARE(QString::fromStdString(loss.kind), "focal");
    QCOMPARE(loss.form, OutputForm::LogProbabilities);
    QCOMPARE(loss.label_smoothing, 0.25);
    QCOMPARE(loss.gamma, 3.5);
    QVERIFY(loss.class_weights.is_same(weights));
  }

  void certainty_is_finite_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("form");
    QTest::addColumn<double>("gamma");
    for (const char* kind : {"cross_entropy", "nll", "focal", "dice", "bce_with_logits"}) {
      for (const OutputForm form : {OutputForm::Scores, OutputForm::Probabilities, OutputForm::LogProbabilities}) {
        for (const double gamma : {0.0, 0.5, 2.0}) {
          if (gamma != 2 && QString(kind) != "focal") continue;
          if (QString(kind) == "nll" && form == OutputForm::Scores) continue;  // has no lower bound
          QTest::addRow("%s of %s, gamma %g", kind, name_of(form), gamma) << kind << static_cast<int>(form) << gamma;
        }
      }
    }
  }
  /// Whether wholly right or wholly wrong, in float32: loss and gradients of the scores are numbers.
  void certainty_is_finite() {
    QFETCH(QString, kind);
    QFETCH(int, form);
    QFETCH(double, gamma);
    ClassLoss loss = with(qPrintable(kind), static_cast<OutputForm>(form));
    loss.gamma = gamma;
    const torch::Tensor scores = torch::tensor({{200.0F, 0.0F, -200.0F}, {200.0F, 0.0F, -200.0F}}).requires_grad_();
    const bool has_labels = kind == "bce_with_logits";
    const torch::Tensor targets =
        has_labels ? torch::tensor({{1.0F, 0.0F, 0.0F}, {0.0F, 0.0F, 1.0F}}) : torch::tensor({0, 2}, torch::kInt64);
    const torch::Tensor output = has_labels ? of_labels(loss.form, scores) : in_form(loss.form, scores);
    const torch::Tensor value = loss(output, targets);
    QVERIFY(value.isfinite().item<bool>());
    value.backward();
    QVERIFY(scores.grad().isfinite().all().item<bool>());
    QVERIFY(value.item<float>() > 0.1F);
  }

  void reconstructions_outside_their_range_have_a_loss() {
    const torch::Tensor output = torch::tensor({-0.5F, 1.5F}).requires_grad_();
    const torch::Tensor loss = reconstruction_loss("bce", output, torch::tensor({0.0F, 0.0F}));
    QVERIFY(loss.isfinite().item<bool>());
    QCOMPARE(loss.item<float>(), 50.0F);  // one right, one as wrong as can be
  }

  void dead_and_full_units_have_a_penalty() {
    const torch::Tensor code = torch::tensor({{0.0F, 1.0F}, {0.0F, 1.0F}}).requires_grad_();
    const torch::Tensor penalty = sparsity_penalty("kl", 0.05, code);
    QVERIFY(penalty.isfinite().item<bool>());
    QVERIFY(penalty.item<float>() > 1);
  }

  void a_flat_critic_has_a_penalty() {
    // Its slope is 0, where a norm has no derivative.
    const torch::Tensor weight = torch::zeros({4}, torch::requires_grad());
    const auto score = [&](const torch::Tensor& x) { return x.matmul(weight); };
    const torch::Tensor penalty = gradient_penalty(score, torch::randn({3, 4}), torch::randn({3, 4}), torch::rand({3}));
    QCOMPARE(penalty.item<float>(), 1.0F);
    penalty.backward();
    QVERIFY(weight.grad().isfinite().all().item<bool>());
  }

  void the_penalty_is_taken_between_the_samples() {
    const torch::Tensor one = torch::ones({2, 3});
    torch::Tensor seen;
    const auto score = [&](const torch::Tensor& x) {
      seen = x.detach();
      return x.square().sum(1);
    };
    gradient_penalty(score, 5 * one, one, torch::tensor({1.0F, 0.25F}));
    QVERIFY(torch::equal(seen[0], 5 * one[0]));
    QVERIFY(torch::equal(seen[1], 2 * one[1]));
  }

  void corruption_is_what_it_says_data() {
    QTest::addColumn<double>("level");
    for (const double level : {0.0, 0.1, 0.3, 0.9, 1.0}) QTest::addRow("level %g", level) << level;
  }
  void corruption_is_what_it_says() {
    QFETCH(double, level);
    const torch::Tensor input = torch::rand({400, 1, 10, 10}) * 0.5F + 0.25F;
    QVERIFY(torch::equal(corrupted("none", level, input, 0, 1), input));

    const torch::Tensor noise = corrupted("gaussian", level, input, 0, 1) - input;
    QVERIFY(std::abs(noise.mean().item<double>()) < 0.03 * level + 1e-6);
    QVERIFY(std::abs(noise.std().item<double>() - level) < 0.02 * level + 1e-6);

    const torch::Tensor masked = corrupted("masking", level, input, -2, 2);
    QVERIFY(std::abs(share(masked == -2) - level) < 0.02);
    QVERIFY(torch::equal((masked != input), (masked == -2)));

    const torch::Tensor peppered = corrupted("salt_and_pepper", level, input, -2, 2);
    QVERIFY(std::abs(share(peppered == -2) - level / 2) < 0.02);
    QVERIFY(std::abs(share(peppered == 2) - level / 2) < 0.02);
    QVERIFY(torch::equal((peppered != input), (peppered == -2).logical_or(peppered == 2)));
  }

 private:
  QTemporaryDir folder_;
  std::vector<Case> cases_;
};

QTEST_GUILESS_MAIN(TestLosses)
#include "test_losses.moc"
