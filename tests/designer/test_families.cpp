// Each family of networks from an empty project in the real window, trained a little by the real engine, its own live
// views filled: recurrent with attention, autoencoder, adversarial. (The convolutional one is test_whole_line's.)

#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QLineSeries>
#include <QSlider>
#include <QStandardPaths>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>

#include "designer/training/live_chart.h"
#include "designer/training/sample_views.h"
#include "designer/window/canvas_tabs.h"
#include "designer/window/user_settings.h"
#include "tests/designer/person.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 240000;

}  // namespace

class TestFamilies : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  }
  void init() {
    QFile::remove(UserSettings::file());
    window_ = std::make_unique<MainWindow>();
    window_->resize(1600, 1000);
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
    person_ = std::make_unique<Person>(*window_);
    window_->training().engine().set_program(QStringLiteral(NETWRIGHT_BIN "/netwright-engine"));
    QVERIFY(network().layers.empty());
  }
  void cleanup() {
    person_.reset();
    window_.reset();
  }

  void recurrent_with_attention() {
    choose_data("Brackets", {{"train_samples", "256"}, {"test_samples", "64"}});
    person_->add("Input");
    // The data says what samples are: both mends are one click each.
    QVERIFY(person_->mend("Set dtype to int64"));
    QVERIFY(person_->mend("Set the shape to"));
    person_->add("Embedding");
    person_->set("num_embeddings", "2");
    person_->set("embedding_dim", "8");
    QVERIFY(person_->mend("Set num_embeddings to"));
    person_->add("GRU");
    person_->set("hidden_size", "12");
    person_->set("output", "sequence");
    person_->add("AdditiveAttention");
    person_->add("Linear");
    person_->set("out_features", "2");
    person_->add("Output");
    train(2);
    QVERIFY(points("chart.Loss") > 2);
    QVERIFY(points("chart.Accuracy") > 2);
    QCOMPARE(shown_kinds(), QStringList{"attention"});
    QVERIFY(run_has("attention-0002.json"));
  }

  void autoencoder() {
    choose_data("Shapes", {{"train_samples", "256"}, {"test_samples", "64"}, {"size", "12"}});
    choose_task("Reconstruction");
    person_->add("Input");
    QVERIFY(person_->mend("Set the shape to"));
    person_->add("Flatten");
    dense("32");
    person_->add("ReLU");
    dense("4");
    dense("144");
    person_->add("Sigmoid");
    person_->add("Unflatten");
    person_->set("unflattened_size", "1, 12, 12");
    person_->add("Output");
    QVERIFY(person_->mend("Normalise the data to between 0 and 1"));
    train(2);
    QVERIFY(points("chart.Loss") > 2);
    const QStringList kinds = shown_kinds();
    QVERIFY2(kinds.contains("reconstructions") && kinds.contains("code"), qPrintable(kinds.join(' ')));
    QVERIFY(run_has("reconstructions-0002.png") && run_has("code-0002.json"));
  }

  void adversarial() {
    choose_data("Shapes", {{"train_samples", "256"}, {"test_samples", "64"}, {"size", "12"}});
    choose_task("Adversarial");
    QVERIFY(person_->mend("Add the network “generator”"));
    QVERIFY(person_->mend("Add the network “discriminator”"));
    auto* tabs = person_->find<CanvasTabs>("networks");
    QCOMPARE(tabs->count(), 3);

    person_->click(person_->find<QToolButton>("sides.generator"));
    person_->add("Input");
    type_shape("16");
    dense("144");
    person_->add("Tanh");
    person_->add("Unflatten");
    person_->set("unflattened_size", "1, 12, 12");
    person_->add("Output");
    person_->click(person_->find<QToolButton>("sides.discriminator"));
    person_->add("Input");
    QVERIFY(person_->mend("Set the shape to"));
    person_->add("Flatten");
    dense("32");
    person_->add("LeakyReLU");
    dense("1");
    person_->add("Output");
    QVERIFY(person_->mend("Normalise the data to between −1 and 1"));
    QVERIFY2(person_->find<QLabel>("sides.words")->text().isEmpty(),
             qPrintable(person_->find<QLabel>("sides.words")->text()));
    train(2);
    QVERIFY(points("chart.Loss") > 4);
    QVERIFY(window_->findChild<LiveChart*>("chart.Gradient norm") ||
            window_->findChild<QWidget*>("choose.Gradient norm"));
    QCOMPARE(shown_kinds(), QStringList{"wall"});
    // Back through time: before training, and each epoch.
    QCOMPARE(person_->find<QSlider>("samples.time")->maximum(), 2);
    QVERIFY(run_has("wall-0000.png") && run_has("wall-0002.png"));
  }

 private:
  const Network& network() { return window_->document().project().networks.front(); }

  void dense(const QString& features) {
    person_->add("Linear");
    person_->set("out_features", features);
  }
  void type_shape(const QString& shape) { person_->set("shape", shape); }

  void choose_data(const QString& title, const std::vector<std::pair<QString, QString>>& settings) {
    person_->select_nothing();
    person_->choose(person_->find<QComboBox>("inspector.data_source"), title);
    for (const auto& [setting, text] : settings) person_->type_in("inspector.data_form", setting, text);
  }

  void choose_task(const QString& task) {
    show_training();
    person_->choose(person_->find<QComboBox>("training.task"), task);
    QCOMPARE(QString::fromStdString(window_->document().project().recipe.task), task);
  }

  void show_training() {
    auto* bottom = person_->find<QTabWidget>("bottom");
    QTest::mouseClick(bottom->tabBar(), Qt::LeftButton, {}, bottom->tabBar()->tabRect(1).center());
  }

  void train(int epochs) {
    show_training();
    person_->type_in("training.recipe_form", "epochs", QString::number(epochs));
    person_->click(person_->find<QPushButton>("tool.train"));
    QVERIFY2(window_->training().is_running(), qPrintable(window_->training().obstacle()));
    QTRY_VERIFY_WITH_TIMEOUT(!window_->training().is_running(), patience_ms);
    QVERIFY2(!person_->find<QWidget>("training.failure")->isVisible(),
             qPrintable(person_->find<QLabel>("training.failure_words")->text()));
  }

  int points(const QString& chart) {
    int count = 0;
    for (const QAbstractSeries* series : person_->find<LiveChart>(chart)->chart()->series()) {
      if (const auto* line = qobject_cast<const QLineSeries*>(series)) count += static_cast<int>(line->count());
    }
    return count;
  }

  /// The kinds of samples that have a page, by their data.
  QStringList shown_kinds() {
    QStringList kinds;
    auto* bar = person_->find<QTabBar>("samples.kinds");
    for (int i = 0; i < bar->count(); ++i) kinds << bar->tabData(i).toString();
    return kinds;
  }

  bool run_has(const QString& sample) {
    const QDir folder(window_->training().run_folder() + "/samples");
    return folder.exists(sample);
  }

  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Person> person_;
};

QTEST_MAIN(TestFamilies)
#include "test_families.moc"
