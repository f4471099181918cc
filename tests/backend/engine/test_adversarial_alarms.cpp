#include <QTest>

#include "backend/engine/adversarial_alarms.h"

using namespace netwright;

namespace {

/// An epoch's figures; what isn't named is as it should be.
FigureValues healthy(const FigureValues& others = {}) {
  FigureValues figures = {{"g_loss", 0.8},     {"d_loss", 1.3},     {"d_real", 0.6},   {"d_fake", 0.4},
                          {"g_gradient", 1.5}, {"d_gradient", 1.0}, {"diversity", 0.9}};
  for (const auto& [name, value] : others) figures[name] = value;
  return figures;
}

FigureValues diverse(double diversity) {
  return healthy({{"diversity", diversity}});
}

FigureValues judged(double real, double fake) {
  return healthy({{"d_real", real}, {"d_fake", fake}});
}

/// Epoch by epoch, `+collapse` and `-collapse`; a dot where nothing is said.
QString told(AdversarialAlarms& alarms, const std::vector<FigureValues>& epochs) {
  QStringList words;
  int epoch = 0;
  for (const FigureValues& figures : epochs) {
    ++epoch;
    const auto events = alarms.epoch_done(epoch, 10 * epoch, figures);
    if (events.empty()) words << ".";
    for (const AlarmEvent& event : events) {
      words << (event.is_over ? "-" : "+") + QString::fromStdString(event.kind);
      if (event.text.size() < 20 || event.epoch != epoch || event.step != 10 * epoch) words << "malformed";
      if (!event.is_over && event.text.find("Try ") == std::string::npos) words << "without advice";
    }
  }
  return words.join(' ');
}

}  // namespace

class TestAdversarialAlarms : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void begin_and_end_data() {
    QTest::addColumn<QString>("loss");
    QTest::addColumn<double>("real_label");
    QTest::addColumn<std::vector<FigureValues>>("epochs");
    QTest::addColumn<QString>("expected");
    using Epochs = std::vector<FigureValues>;
    const auto row = [](const char* name, const Epochs& epochs, const char* expected,
                        const char* loss = "non_saturating",
                        double real_label = 1) { QTest::newRow(name) << loss << real_label << epochs << expected; };
    row("all is well", {healthy(), healthy(), healthy(), healthy(), healthy()}, ". . . . .");
    row("samples become alike", {diverse(0.9), diverse(0.8), diverse(0.3), diverse(0.2)}, ". . +collapse .");
    row("and differ again", {diverse(0.9), diverse(0.1), diverse(0.4), diverse(0.7)}, ". +collapse . -collapse");
    row("a slow beginning", {diverse(0.01), diverse(0.1), diverse(0.25), diverse(0.6)}, ". . . .");
    row("alike from the beginning", {diverse(0.01), diverse(0.01), diverse(0.01), diverse(0.5)},
        ". . +collapse -collapse");
    row("noise at first", {diverse(3), diverse(0.7), diverse(0.6)}, ". . .");

    row("the discriminator wins",
        {judged(0.9, 0.1), judged(0.99, 0.01), judged(0.995, 0.001), judged(0.97, 0.03), judged(0.8, 0.1)},
        ". +imbalance . . -imbalance");
    row("with a smoothed label", {judged(0.89, 0.01), judged(0.8, 0.1)}, "+imbalance -imbalance", "non_saturating",
        0.9);
    row("the label of hinge is always 1", {judged(0.89, 0.01)}, ".", "hinge", 0.9);
    row("the discriminator is fooled", {judged(0.5, 0.5), judged(0.6, 0.97), judged(0.5, 0.5)},
        ". +imbalance -imbalance");
    row("and takes real ones for fakes", {judged(0.01, 0.6)}, "+imbalance");
    row("scores of a critic have no end", {judged(50, -50), judged(1, 0)}, ". .", "wasserstein_gp");

    const FigureValues large = healthy({{"g_loss", 300.0}});
    row("a loss grows", {healthy(), healthy(), healthy(), large, large, healthy()}, ". . . +divergence . -divergence");
    row("critics may have large losses", {healthy(), healthy(), healthy(), healthy({{"g_loss", -150.0}})}, ". . . .",
        "wasserstein_gp");
    row("but not any", {healthy(), healthy(), healthy(), healthy({{"g_loss", -1500.0}})}, ". . . +divergence",
        "wasserstein_gp");
    row("gradients explode", {healthy(), healthy(), healthy(), healthy({{"d_gradient", 1e4}})}, ". . . +divergence");
    row("small numbers may grow",
        {healthy({{"g_gradient", 1e-6}}), healthy({{"g_gradient", 1e-6}}), healthy({{"g_gradient", 1e-6}}), healthy()},
        ". . . .");
    std::vector<FigureValues> doubling;
    for (double loss = 1; loss < 1e4; loss *= 2) doubling.push_back(healthy({{"d_loss", loss}}));
    row("without bound", doubling, ". . . . . . . +divergence . . . . . .");
    row("nothing measured", {{}, {}, {}, {}}, ". . . .");
    row("a frozen generator", {{{"d_loss", 1.0}, {"d_real", 0.99}, {"d_fake", 0.01}}}, "+imbalance");
  }
  void begin_and_end() {
    QFETCH(QString, loss);
    QFETCH(double, real_label);
    QFETCH(std::vector<FigureValues>, epochs);
    QFETCH(QString, expected);
    AdversarialAlarms alarms(loss.toStdString(), real_label);
    QCOMPARE(told(alarms, epochs), expected);
  }
};

QTEST_GUILESS_MAIN(TestAdversarialAlarms)
#include "test_adversarial_alarms.moc"
