#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>

#include "backend/engine/class_meter.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"
#include "tests/support/sklearn_oracle.h"

using namespace netwright;

namespace {

const std::vector<std::string> names = {"ant", "bee", "cat", "dog"};

/// Scores that know something of their targets; the third class is never right.
torch::Tensor scores_for(const torch::Tensor& targets, std::int64_t spare) {
  torch::Tensor scores = torch::randn({targets.size(0), static_cast<std::int64_t>(names.size()) + spare});
  scores.scatter_add_(1, targets.unsqueeze(1), targets.ne(2).to(torch::kFloat32).unsqueeze(1) * 1.5);
  if (spare > 0) scores.narrow(1, 4, spare).sub_(100);
  return scores;
}

template <class Kind>
Kind content_of(const QTemporaryDir& folder, const std::vector<Event>& events, const std::string& kind) {
  for (const Event& event : events) {
    const auto* sample = std::get_if<SampleEvent>(&event);
    if (!sample || sample->kind != kind) continue;
    QFile file(folder.filePath(QString::fromStdString(sample->file)));
    if (!file.open(QIODevice::ReadOnly)) throw std::runtime_error("no file " + sample->file);
    return Kind::parse(file.readAll().toStdString());
  }
  throw std::runtime_error("no sample of kind " + kind);
}

}  // namespace

class TestClassMeter : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    torch::manual_seed(seed);
  }

  void figures_of_classes_are_those_of_sklearn_data() {
    QTest::addColumn<int>("form");
    QTest::addColumn<int>("spare");
    QTest::newRow("scores") << 0 << 0;
    QTest::newRow("scores, some of no class") << 0 << 2;
    QTest::newRow("probabilities") << 1 << 0;
    QTest::newRow("log probabilities") << 2 << 0;
  }

  void figures_of_classes_are_those_of_sklearn() {
    QFETCH(int, form);
    QFETCH(int, spare);
    const torch::Tensor targets = torch::randint(4, {300}, torch::kInt64);
    const torch::Tensor scores = scores_for(targets, spare);
    const torch::Tensor shares = scores.to(torch::kFloat64).softmax(1);
    const torch::Tensor output = form == 0 ? scores : form == 1 ? shares : shares.log();
    ClassMeter meter(names, false, static_cast<OutputForm>(form));
    for (std::int64_t from = 0; from < 300; from += 70) {
      const std::int64_t count = std::min<std::int64_t>(70, 300 - from);
      meter.add({torch::zeros({count, 1}), targets.narrow(0, from, count), {}, {}}, output.narrow(0, from, count));
    }

    const torch::Tensor predicted = scores.argmax(1);
    std::vector<std::vector<std::int64_t>> counts(4, std::vector<std::int64_t>(4, 0));
    nlohmann::json rows = nlohmann::json::array();
    nlohmann::json labels = nlohmann::json::array();
    for (std::int64_t i = 0; i < 300; ++i) {
      const auto truth = targets[i].item<std::int64_t>();
      ++counts[static_cast<std::size_t>(truth)][static_cast<std::size_t>(predicted[i].item<std::int64_t>())];
      // Shares of every class, those of no class included in the sum, as the meter sees them. sklearn wants sums of 1.
      nlohmann::json row = nlohmann::json::array();
      double sum = 0;
      for (int c = 0; c < 4; ++c) sum += shares[i][c].item<double>();
      for (int c = 0; c < 4; ++c) row.push_back(shares[i][c].item<double>() / sum);
      rows.push_back(row);
      labels.push_back(truth);
    }
    QVERIFY(meter.confusion() == std::optional(counts));
    const nlohmann::json answers = answers_of_sklearn({{{"counts", counts}}, {{"scores", rows}, {"labels", labels}}});
    const FigureValues figures = meter.figures();
    QVERIFY(is_close(figures.at("precision"), answers[0]["macro"][0]));
    QVERIFY(is_close(figures.at("recall"), answers[0]["macro"][1]));
    QVERIFY(is_close(figures.at("f1"), answers[0]["macro"][2]));
    QVERIFY(std::abs(figures.at("auc") - answers[1]["macro_auc"].get<double>()) < 1e-9);
    meter.clear();
    QVERIFY(meter.figures().empty());
    QVERIFY(!meter.confusion());
  }

  void figures_of_labels_are_those_of_sklearn() {
    const torch::Tensor targets = torch::rand({200, 4}).lt(0.3).to(torch::kFloat32);
    const torch::Tensor output = torch::randn({200, 4}) + 2 * targets - 1;
    ClassMeter meter(names, true, OutputForm::Scores);
    meter.add({torch::zeros({200, 1}), targets, {}, {}}, output);
    nlohmann::json asked = nlohmann::json::array();
    for (int label = 0; label < 4; ++label) {
      const torch::Tensor is = targets.select(1, label) > 0.5;
      const torch::Tensor said = output.select(1, label) > 0;
      const auto count = [](const torch::Tensor& mask) { return mask.sum().item<std::int64_t>(); };
      asked.push_back({{"counts", {{count(~is & ~said), count(~is & said)}, {count(is & ~said), count(is & said)}}}});
      nlohmann::json scores = nlohmann::json::array();
      nlohmann::json labels = nlohmann::json::array();
      for (std::int64_t i = 0; i < 200; ++i) {
        scores.push_back(output[i][label].item<double>());
        labels.push_back(is[i].item<bool>() ? 1 : 0);
      }
      asked.push_back({{"scores", scores}, {"labels", labels}});
    }
    const nlohmann::json answers = answers_of_sklearn(asked);
    double f1 = 0;
    double auc = 0;
    for (std::size_t label = 0; label < 4; ++label) {
      f1 += answers[2 * label]["classes"][2][1].get<double>() / 4;
      auc += answers[2 * label + 1]["auc"].get<double>() / 4;
    }
    QVERIFY(is_close(meter.figures().at("f1"), f1));
    QVERIFY(std::abs(meter.figures().at("auc") - auc) < 1e-9);
    QVERIFY(!meter.confusion());
  }

  void samples_are_named_by_their_cell_the_surest_first() {
    const torch::Tensor targets = torch::tensor({0, 0, 0, 1}, torch::kInt64);
    const torch::Tensor output = torch::tensor(
        {{1.0F, 0.0F, 0.0F, 0.0F}, {5.0F, 0.0F, 0.0F, 0.0F}, {0.0F, 0.0F, 2.0F, 0.0F}, {0.0F, 9.0F, 0.0F, 0.0F}});
    ClassMeter meter(names, false, OutputForm::Scores);
    meter.add({torch::zeros({4, 1}), targets, {}, {17, 11, 40, 3}}, output);
    const QTemporaryDir folder;
    const auto events = meter.show({path_of(folder.path()), 12, 3});
    const auto verdicts = content_of<nlohmann::json>(folder, events, "verdicts");
    QCOMPARE(verdicts["cells"].size(), std::size_t{3});
    const nlohmann::json& right = verdicts["cells"][0];
    QVERIFY(right["true"] == 0 && right["predicted"] == 0 && right["count"] == 2);
    QVERIFY(right["rows"] == nlohmann::json({11, 17}));
    QVERIFY(right["shares"][0] > right["shares"][1]);
    const nlohmann::json& wrong = verdicts["cells"][1];
    QVERIFY(wrong["true"] == 0 && wrong["predicted"] == 2 && wrong["rows"] == nlohmann::json({40}));
    const auto curves = content_of<nlohmann::json>(folder, events, "curves");
    QCOMPARE(curves["curves"].size(), std::size_t{2});  // the other two have no samples
    QVERIFY(curves["curves"][0]["class"] == "ant");
  }

  void too_many_scores_are_not_kept() {
    std::vector<std::string> many;
    for (int i = 0; i < 1000; ++i) many.push_back(std::to_string(i));
    ClassMeter meter(many, false, OutputForm::Scores);
    for (int i = 0; i < 3; ++i) {
      meter.add({torch::zeros({1000, 1}), torch::randint(1000, {1000}, torch::kInt64), {}, {}},
                torch::randn({1000, 1000}));
    }
    QVERIFY(!meter.figures().contains("auc"));
    QVERIFY(meter.figures().contains("f1"));
  }
};

QTEST_GUILESS_MAIN(TestClassMeter)
#include "test_class_meter.moc"
