#include <QTest>
#include <functional>

#include "backend/graph/gestures.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/templates.h"
#include "backend/run/recipe_differences.h"

using namespace netwright;

using Change = std::function<void(Project&)>;
Q_DECLARE_METATYPE(Change)

namespace {

Project lenet() {
  return *open_template("lenet5");
}

Layer& layer_of(Project& project, const char* name) {
  Network& network = project.networks.front();
  return *network.find(network.find(std::string_view(name))->id);
}

/// `lr: 0.001 | 0.01`, one line for each.
QStringList shown(const std::vector<Project>& projects) {
  std::vector<const Project*> pointers;
  for (const Project& project : projects) pointers.push_back(&project);
  QStringList lines;
  for (const RecipeDifference& difference : recipe_differences(pointers)) {
    QStringList words;
    for (const std::string& word : difference.words) words << (word.empty() ? "-" : QString::fromStdString(word));
    lines << QString::fromStdString(difference.name) + ": " + words.join(" | ");
  }
  return lines;
}

}  // namespace

class TestRecipeDifferences : public QObject {
  Q_OBJECT

 private slots:
  void one_change_is_one_row_data();
  void one_change_is_one_row();
  void every_setting_counts();
  void several_runs_side_by_side();
  void optimisers_apart();
  void close_numbers_read_apart();
  void many_layers_are_one_row();
  void tasks_apart();
  void what_cannot_be_read_is_empty();
};

void TestRecipeDifferences::one_change_is_one_row_data() {
  QTest::addColumn<Change>("change");
  QTest::addColumn<QStringList>("rows");
  const auto row = [](const char* name, const Change& change, const QStringList& rows) {
    QTest::newRow(name) << change << rows;
  };
  row("nothing", [](Project&) {}, {});
  row("places, names and notes",
      [](Project& p) {
        p.name = "other";
        p.note = "a note";
        layer_of(p, "conv1").position.x += 40;
        p.networks.front().notes.push_back({.text = "words"});
      },
      {});
  row("a default left out", [](Project& p) { p.recipe.settings.clear("seed"); }, {});
  row("rate", [](Project& p) { p.recipe.optimiser_settings.set("lr", 0.01); }, {"lr: 0.001 | 0.01"});
  row("schedule",
      [](Project& p) {
        p.recipe.schedule = {"CosineAnnealing", {{"eta_min", 0.1}}};
      },
      {"schedule: Constant | CosineAnnealing", "eta_min: - | 0.1"});
  row("recipe", [](Project& p) { p.recipe.settings.set("batch_size", std::int64_t{8}); }, {"batch_size: 64 | 8"});
  row("task", [](Project& p) { p.recipe.task_settings.set("label_smoothing", 0.1); }, {"label_smoothing: 0 | 0.1"});
  row("preparation", [](Project& p) { p.data.preparation.set("flip", std::string("horizontal")); },
      {"flip: none | horizontal"});
  row("layer", [](Project& p) { layer_of(p, "conv1").settings.set("out_channels", std::int64_t{16}); },
      {"conv1.out_channels: 6 | 16"});
  row("frozen", [](Project& p) { layer_of(p, "fc1").trainable = false; }, {"fc1 is trained: true | false"});
  row("initialisation", [](Project& p) { layer_of(p, "conv1").initialisation = "orthogonal"; },
      {"conv1 begins as: the recipe says | orthogonal"});
  row("renamed", [](Project& p) { layer_of(p, "conv1").name = "first"; }, {});
  row("another layer in its place",
      [](Project& p) {
        layer_of(p, "tanh1").type = "ReLU";
        layer_of(p, "tanh1").settings = {};
      },
      {"tanh1: Tanh | ReLU"});
  row("one more",
      [](Project& p) { p.networks.front().layers.push_back(make_layer(p.networks.front(), "Dropout", {})); },
      {"dropout1: - | Dropout p = 0.5"});
  row("other wires", [](Project& p) { p.networks.front().connections.pop_back(); }, {"wiring: A | B"});
  row("another network",
      [](Project& p) { p.networks.push_back({.id = {7}, .name = "critic", .layers = {}, .connections = {}}); },
      {"critic: - | 0 layers"});
}

void TestRecipeDifferences::one_change_is_one_row() {
  QFETCH(Change, change);
  QFETCH(QStringList, rows);
  Project after = lenet();
  change(after);
  QCOMPARE(shown({lenet(), after}), rows);
}

/// Whatever the specs name is compared: nothing is listed by hand.
void TestRecipeDifferences::every_setting_counts() {
  for (const SettingSpec& spec : recipe_specs()) {
    Project after = lenet();
    const Value* value = after.recipe.settings.find(spec.name);
    QVERIFY(value);
    if (const auto* number = std::get_if<std::int64_t>(value)) after.recipe.settings.set(spec.name, *number + 1);
    if (const auto* number = std::get_if<double>(value)) after.recipe.settings.set(spec.name, *number + 0.25);
    if (const auto* flag = std::get_if<bool>(value)) after.recipe.settings.set(spec.name, !*flag);
    if (const auto* word = std::get_if<std::string>(value)) after.recipe.settings.set(spec.name, *word + "?");
    const QStringList rows = shown({lenet(), after});
    QCOMPARE(rows.size(), 1);
    QVERIFY2(rows.first().startsWith(QString::fromStdString(spec.name) + ": "), qPrintable(rows.first()));
  }
}

void TestRecipeDifferences::several_runs_side_by_side() {
  Project second = lenet();
  second.recipe.settings.set("seed", std::int64_t{2});
  Project third = lenet();
  third.recipe.settings.set("seed", std::int64_t{3});
  layer_of(third, "conv1").settings.set("out_channels", std::int64_t{12});
  QCOMPARE(shown({lenet(), second, third}), (QStringList{"seed: 1 | 2 | 3", "conv1.out_channels: 6 | 6 | 12"}));
  QCOMPARE(shown({lenet(), lenet(), lenet()}), QStringList());
  QCOMPARE(shown({lenet()}), QStringList());
}

/// What only one of them has tells something where it was chosen.
void TestRecipeDifferences::optimisers_apart() {
  Project second = lenet();
  second.recipe.optimiser = "SGD";
  second.recipe.optimiser_settings = {{"lr", 0.5}, {"momentum", 0.9}};
  QCOMPARE(shown({lenet(), second}), (QStringList{"optimiser: Adam | SGD", "lr: 0.001 | 0.5", "momentum: - | 0.9"}));
}

void TestRecipeDifferences::close_numbers_read_apart() {
  Project first = lenet();
  first.recipe.optimiser_settings.set("lr", 0.12345678);
  Project second = lenet();
  second.recipe.optimiser_settings.set("lr", 0.12345679);
  QCOMPARE(shown({first, second}), QStringList("lr: 0.12345678 | 0.12345679"));
}

void TestRecipeDifferences::many_layers_are_one_row() {
  const Project other = *open_template("vgg_small");
  Project drawn = lenet();
  drawn.networks = other.networks;
  drawn.networks.front().id = lenet().networks.front().id;
  const QStringList rows = shown({lenet(), drawn, lenet()});
  QCOMPARE(rows.size(), 1);
  const QString name = QString::fromStdString(lenet().networks.front().name);
  QCOMPARE(rows.first(), QString("%1: A: %2 layers | B: %3 layers | A: %2 layers")
                             .arg(name)
                             .arg(lenet().networks.front().layers.size())
                             .arg(drawn.networks.front().layers.size()));
}

void TestRecipeDifferences::tasks_apart() {
  const Project gan = *open_template("mlp_gan");
  const QStringList rows = shown({lenet(), gan});
  QVERIFY2(rows.contains("task: Classification | Adversarial"), qPrintable(rows.join('\n')));
  // An optimiser that there can't be without the other task is no difference of its own.
  QVERIFY2(!rows.contains("discriminator: - | Adam"), qPrintable(rows.join('\n')));
  QStringList names;
  for (const QString& row : rows) names << row.section(": ", 0, 0);
  QCOMPARE(names.removeDuplicates(), 0);
}

void TestRecipeDifferences::what_cannot_be_read_is_empty() {
  const Project first = lenet();
  Project second = lenet();
  second.recipe.settings.set("seed", std::int64_t{2});
  const std::vector<const Project*> projects{nullptr, &first, &second};
  const auto differences = recipe_differences(projects);
  QCOMPARE(differences.size(), std::size_t{1});
  QCOMPARE(differences[0].words, (std::vector<std::string>{"", "1", "2"}));
  QVERIFY(!differences[0].values[0]);
  QCOMPARE(*differences[0].values[2], Value(std::int64_t{2}));
  QVERIFY(recipe_differences(std::vector<const Project*>{nullptr, nullptr}).empty());
  QVERIFY(recipe_differences({}).empty());
}

QTEST_APPLESS_MAIN(TestRecipeDifferences)
#include "test_recipe_differences.moc"
