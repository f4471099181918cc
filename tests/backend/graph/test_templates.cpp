
#include <QTest>
#include <cmath>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "tests/support/files.h"

using namespace netwright;

class TestTemplates : public QObject {
  Q_OBJECT

 private slots:
  void all_are_found() {
    std::set<std::string> names;
    for (const Template& entry : templates()) names.insert(entry.name);
    const std::set<std::string> expected = {"bidirectional_lstm",
                                            "dcgan",
                                            "denoising_autoencoder",
                                            "dense_autoencoder",
                                            "empty",
                                            "fashion_mnist_cnn",
                                            "gru_attention",
                                            "lenet5",
                                            "mission_cnn",
                                            "mlp",
                                            "mlp_gan",
                                            "resnet20",
                                            "small_resnet",
                                            "sparse_autoencoder",
                                            "transformer_words",
                                            "two_spirals_mlp",
                                            "unet_shapes",
                                            "variational_autoencoder",
                                            "vgg_small",
                                            "waves_forecast",
                                            "wgan_gp",
                                            "word_language_lstm"};
    QCOMPARE(names, expected);
  }

  void unknown_names_are_answered_with_those_there_are() {
    const auto project = open_template("castle");
    QVERIFY(!project);
    QVERIFY(project.error().message.find("mission_cnn") != std::string::npos);
  }

  void each_is_sound_and_canonical_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<qint64>("parameters");
    QTest::newRow("empty") << "empty" << qint64{0};
    // Sums of (inputs · kernel + 1) · outputs, by hand.
    QTest::newRow("fashion_mnist_cnn") << "fashion_mnist_cnn"
                                       << qint64{(9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 49 + 1) * 128 + 129 * 10};
    QTest::newRow("lenet5") << "lenet5" << qint64{26 * 6 + (6 * 25 + 1) * 16 + 401 * 120 + 121 * 84 + 85 * 10};
    QTest::newRow("mission_cnn") << "mission_cnn"
                                 << qint64{(3 * 25 + 1) * 6 + (6 * 25 + 1) * 16 + 401 * 120 + 121 * 84 + 85 * 10};
    QTest::newRow("small_resnet") << "small_resnet"
                                  << qint64{9 * 16 + 2 * 9 * 256 + 9 * 16 * 32 + 9 * 32 * 32 + 16 * 32 +
                                            2 * (3 * 16 + 3 * 32) + 33 * 10};
    QTest::newRow("two_spirals_mlp") << "two_spirals_mlp" << qint64{3 * 32 + 33 * 32 + 33 * 2};
    QTest::newRow("mlp") << "mlp" << qint64{785 * 256 + 257 * 128 + 129 * 10};
    QTest::newRow("dense_autoencoder") << "dense_autoencoder"
                                       << qint64{785 * 128 + 129 * 64 + 65 * 12 + 13 * 64 + 65 * 128 + 129 * 784};
    // Four gates, each with weights for the letter and for the state, and PyTorch's two biases.
    QTest::newRow("word_language_lstm") << "word_language_lstm" << qint64{64 * 32 + 4 * 128 * (32 + 128 + 2) + 129 * 5};
    // A stem, nine blocks in three stages (two of which begin with a projection), a classifier.
    QTest::newRow("resnet20") << "resnet20"
                              << qint64{9 * 16 + 2 * 16 + 6 * (9 * 16 * 16 + 2 * 16) +      //
                                        9 * 16 * 32 + 5 * 9 * 32 * 32 + 16 * 32 + 7 * 64 +  //
                                        9 * 32 * 64 + 5 * 9 * 64 * 64 + 32 * 64 + 7 * 128 + 65 * 10};
  }
  void each_is_sound_and_canonical() {
    QFETCH(QString, name);
    QFETCH(qint64, parameters);
    const auto project = open_template(name.toStdString());
    QVERIFY2(project, project ? "" : project.error().message.c_str());
    const QByteArray bytes = file_content(NETWRIGHT_SOURCE "/resources/templates/" + name + ".netwright");
    QCOMPARE(QByteArray::fromStdString(to_json(*project)), bytes);

    const Report report = analyse(*project);
    const NetworkReport& figures = report.networks.front();
    QCOMPARE(*figures.totals.parameters, parameters);
    if (name == "empty") return;
    for (const Diagnostic& diagnostic : report.diagnostics) {
      // The famous networks are as they are; how their parameters are spread is for the user to learn from.
      if (diagnostic.code != "heavy-layer") QFAIL(diagnostic.message.c_str());
    }
  }

  void every_one_is_canonical_and_without_mistakes() {
    for (const Template& entry : templates()) {
      const auto project = open_template(entry.name);
      QVERIFY(project);
      QCOMPARE(to_json(*project), file_content(QString::fromStdString(entry.file.string())).toStdString());
      if (entry.name == "empty") continue;
      for (const Diagnostic& diagnostic : analyse(*project).diagnostics) {
        QVERIFY2(diagnostic.severity == Severity::Advice, (entry.name + ": " + diagnostic.message).c_str());
      }
    }
  }

  void layers_lie_on_the_grid_and_clear_of_each_other() {
    for (const Template& entry : templates()) {
      const auto project = read_project(entry.file);
      for (const Layer& a : project->networks.front().layers) {
        QCOMPARE(std::fmod(a.position.x, 20), 0.0);
        QCOMPARE(std::fmod(a.position.y, 20), 0.0);
        for (const Layer& b : project->networks.front().layers) {
          if (a.id == b.id) continue;
          const bool are_clear =
              std::abs(a.position.x - b.position.x) >= 200 || std::abs(a.position.y - b.position.y) >= 100;
          QVERIFY2(are_clear, (entry.name + ": " + a.name + ", " + b.name).c_str());
        }
      }
    }
  }

  void summaries_fit_a_terminal() {
    for (const Template& entry : templates()) QVERIFY2(entry.summary.size() <= 55, entry.summary.c_str());
  }
};

QTEST_APPLESS_MAIN(TestTemplates)
#include "test_templates.moc"
