// What a network takes of a file's weights, and what is said of the rest.

#include <QTest>
#include <algorithm>
#include <numeric>

#include "backend/analysis/analyse.h"
#include "backend/interop/weights_transfer.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

NamedTensor tensor(const std::string& name, const std::vector<std::int64_t>& sizes) {
  const auto count = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
  return {name, "F32", sizes, std::vector<std::byte>(static_cast<std::size_t>(count) * sizeof(float))};
}

/// 4 → 8 → 3.
Project classifier() {
  Project project = empty_project();
  project.networks.front().name = "classifier";
  Drawing draw(project);
  draw.add("Input", "in", {{"shape", Integers{4}}});
  draw.add("Linear", "hidden", {{"out_features", std::int64_t{8}}});
  draw.add("ReLU", "relu");
  draw.add("Linear", "scores", {{"out_features", std::int64_t{3}}});
  draw.add("Output", "out");
  return project;
}

WeightTransfer taken(const TensorFile& file) {
  const Project project = classifier();
  return transfer_to(project, {&project.networks.front()}, file);
}

QString words(const WeightTransfer& transfer) {
  return QString::fromStdString(transfer.words());
}

}  // namespace

class TestWeightsTransfer : public QObject {
  Q_OBJECT

 private slots:
  void all_of_it() {
    const WeightTransfer transfer = taken({{tensor("hidden.weight", {8, 4}), tensor("hidden.bias", {8}),
                                            tensor("scores.weight", {3, 8}), tensor("scores.bias", {3})},
                                           {}});
    QCOMPARE(transfer.taken(), 4U);
    QCOMPARE(words(transfer), "4 of 4 tensors were taken.");
  }

  void what_does_not_fit_is_named_once() {
    const WeightTransfer transfer =
        taken({{tensor("hidden.weight", {8, 4}), tensor("scores.weight", {10, 8}), tensor("scores.bias", {10}),
                tensor("extra.weight", {2}), tensor("training/learner/step", {})},
               {}});
    QCOMPARE(transfer.taken(), 1U);
    QCOMPARE(
        words(transfer),
        "1 of 4 tensors were taken. scores.weight is [10, 8] in the file, and the network has [3, 8]. scores.bias is "
        "[10] in the file, and the network has [3]. Not in the file: hidden.bias. Not in the network: extra.weight.");
  }

  void long_lists_are_cut() {
    TensorFile file;
    for (int i = 0; i < 9; ++i) file.tensors.push_back(tensor("other" + std::to_string(i), {1}));
    QCOMPARE(
        words(taken(file)),
        "0 of 4 tensors were taken. Not in the file: hidden.weight, hidden.bias, scores.weight and 1 more. Not in the "
        "network: other0, other1, other2 and 6 more.");
  }

  void of_several_networks_the_one_that_fits_best() {
    const TensorFile file = {{tensor("generator.hidden.bias", {8}), tensor("discriminator.hidden.weight", {8, 4}),
                              tensor("discriminator.hidden.bias", {8}), tensor("discriminator.last.weight", {1, 8})},
                             {{"networks", "generator,discriminator"}}};
    const WeightTransfer transfer = taken(file);
    QCOMPARE(transfer.taken(), 2U);
    std::vector<std::string> names;
    for (const NamedTensor& weight : transfer.networks.front().matched.weights) names.push_back(weight.name);
    QVERIFY((names == std::vector<std::string>{"hidden.weight", "hidden.bias"}));
  }
};

QTEST_GUILESS_MAIN(TestWeightsTransfer)
#include "test_weights_transfer.moc"
