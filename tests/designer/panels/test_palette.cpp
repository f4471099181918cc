#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include "backend/graph/blocks.h"
#include "backend/graph/gestures.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/network_view.h"
#include "designer/panels/palette.h"
#include "designer/panels/palette_delegate.h"
#include "designer/panels/palette_model.h"
#include "designer/theme/theme.h"

using namespace netwright;

class TestPalette : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void lists_the_whole_catalogue();
  void search_finds_names_and_purposes_data();
  void search_finds_names_and_purposes();
  void enter_chooses_the_first();
  void arrows_walk_the_list();
  void double_click_chooses();
  void nothing_found_says_so();
  void headings_fold_their_types();
  void networks_are_offered_as_blocks();
  void drag_carries_the_type();

 private:
  QModelIndex row_of(const QString& type) const;
  QStringList shown_types() const;

  Document document_;
  std::unique_ptr<Palette> palette_;
  QLineEdit* search_ = nullptr;
  QListView* list_ = nullptr;
};

void TestPalette::init() {
  Theme::instance().set_appearance(Appearance::Light);
  palette_ = std::make_unique<Palette>(document_);
  search_ = palette_->findChild<QLineEdit*>(QStringLiteral("palette.search"));
  list_ = palette_->findChild<QListView*>(QStringLiteral("palette.list"));
  palette_->resize(200, 500);
  palette_->show();
  palette_->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(palette_.get()));
}

void TestPalette::cleanup() {
  palette_.reset();
}

QModelIndex TestPalette::row_of(const QString& type) const {
  for (int row = 0; row < list_->model()->rowCount(); ++row) {
    const QModelIndex index = list_->model()->index(row, 0);
    if (index.data(PaletteModel::TypeRole).toString() == type) {
      return index;
    }
  }
  return {};
}

QStringList TestPalette::shown_types() const {
  QStringList types;
  for (int row = 0; row < list_->model()->rowCount(); ++row) {
    const QModelIndex index = list_->model()->index(row, 0);
    if (!index.data(PaletteModel::IsHeadingRole).toBool()) {
      types += index.data(PaletteModel::TypeRole).toString();
    }
  }
  return types;
}

void TestPalette::lists_the_whole_catalogue() {
  QStringList types;
  for (const LayerSpec& spec : catalogue()) {
    if (spec.type == block_type) {
      continue;  // Blocks are of networks, and there is but one
    }
    types += QString::fromStdString(spec.type);
    QCOMPARE(row_of(types.back()).data(Qt::ToolTipRole).toString(), QString::fromStdString(spec.summary));
  }
  QVERIFY(!types.isEmpty());
  QCOMPARE(shown_types(), types);
  const QModelIndex heading = list_->model()->index(0, 0);
  QVERIFY(heading.data(PaletteModel::IsHeadingRole).toBool());
  QVERIFY(!heading.flags().testFlag(Qt::ItemIsSelectable));
}

void TestPalette::search_finds_names_and_purposes_data() {
  QTest::addColumn<QString>("words");
  QTest::addColumn<QString>("type");
  QTest::newRow("its start") << "conv"
                             << "Conv2d";
  QTest::newRow("its middle, small letters") << "maxpool"
                                             << "MaxPool2d";
  QTest::newRow("its category") << "pooling"
                                << "AvgPool2d";
  QTest::newRow("several words") << "pool max"
                                 << "MaxPool2d";
  QTest::newRow("a plain word") << "dense"
                                << "Linear";
  QTest::newRow("plain words") << "fully connected"
                               << "Linear";
  QTest::newRow("what it is for") << "residual"
                                  << "Add";
}

void TestPalette::search_finds_names_and_purposes() {
  QFETCH(QString, words);
  QFETCH(QString, type);
  palette_->focus_search();
  QTest::keyClicks(search_, words);
  QVERIFY2(shown_types().contains(type), qPrintable(shown_types().join(QLatin1Char(' '))));
  QVERIFY(shown_types().size() < static_cast<qsizetype>(catalogue().size()));
  QTest::keyClick(search_, Qt::Key_Escape);
  QCOMPARE(shown_types().size(), static_cast<qsizetype>(catalogue().size()) - 1);
}

void TestPalette::enter_chooses_the_first() {
  QSignalSpy chosen(palette_.get(), &Palette::layer_chosen);
  palette_->focus_search();
  QTest::keyClicks(search_, QStringLiteral("line"));
  QTest::keyClick(search_, Qt::Key_Return);
  QCOMPARE(chosen.size(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("Linear"));
  search_->selectAll();
  QTest::keyClicks(search_, QStringLiteral("maxpool"));
  QTest::keyClick(search_, Qt::Key_Return);
  QCOMPARE(chosen[1][0].toString(), QStringLiteral("MaxPool2d"));  // before MaxPool1d
}

void TestPalette::arrows_walk_the_list() {
  QSignalSpy chosen(palette_.get(), &Palette::layer_chosen);
  palette_->focus_search();
  QTest::keyClicks(search_, QStringLiteral("pool"));
  const QStringList types = shown_types();
  QVERIFY(types.size() >= 3);
  const QString first = list_->currentIndex().data(PaletteModel::TypeRole).toString();
  QTest::keyClick(search_, Qt::Key_Down);
  QTest::keyClick(search_, Qt::Key_Return);
  QCOMPARE(chosen.size(), 1);
  QCOMPARE(chosen[0][0].toString(), types[types.indexOf(first) + 1]);
}

void TestPalette::double_click_chooses() {
  QSignalSpy chosen(palette_.get(), &Palette::layer_chosen);
  const QPoint place = list_->visualRect(row_of(QStringLiteral("Conv2d"))).center();
  QTest::mouseClick(list_->viewport(), Qt::LeftButton, {}, place);
  QTest::mouseDClick(list_->viewport(), Qt::LeftButton, {}, place);
  QCOMPARE(chosen.size(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("Conv2d"));
}

void TestPalette::nothing_found_says_so() {
  palette_->focus_search();
  QTest::keyClicks(search_, QStringLiteral("zzzz"));
  QVERIFY(palette_->findChild<QLabel*>(QStringLiteral("palette.nothing"))->isVisible());
  QSignalSpy chosen(palette_.get(), &Palette::layer_chosen);
  QTest::keyClick(search_, Qt::Key_Return);
  QVERIFY(chosen.isEmpty());
}

void TestPalette::headings_fold_their_types() {
  const auto heading = [this] {
    for (int row = 0; row < list_->model()->rowCount(); ++row) {
      const QModelIndex index = list_->model()->index(row, 0);
      if (index.data(PaletteModel::IsHeadingRole).toBool() &&
          index.data().toString() == QStringLiteral("Convolution")) {
        return index;
      }
    }
    return QModelIndex();
  };
  QVERIFY(row_of(QStringLiteral("Conv2d")).isValid());
  QTest::mouseClick(list_->viewport(), Qt::LeftButton, {}, list_->visualRect(heading()).center());
  QVERIFY(!row_of(QStringLiteral("Conv2d")).isValid());
  QVERIFY(row_of(QStringLiteral("MaxPool2d")).isValid());
  QVERIFY(heading().data(PaletteModel::IsClosedRole).toBool());
  QCOMPARE(palette_->closed(), QStringList{QStringLiteral("Convolution")});
  // A search looks everywhere, and folds nothing.
  QTest::keyClicks(search_, QStringLiteral("conv2d"));
  QVERIFY(row_of(QStringLiteral("Conv2d")).isValid());
  QVERIFY(!heading().data(PaletteModel::IsClosedRole).toBool());
  search_->clear();
  QVERIFY(!row_of(QStringLiteral("Conv2d")).isValid());
  QTest::mouseClick(list_->viewport(), Qt::LeftButton, {}, list_->visualRect(heading()).center());
  QVERIFY(row_of(QStringLiteral("Conv2d")).isValid());
  palette_->set_closed({QStringLiteral("Convolution")});
  QVERIFY(!row_of(QStringLiteral("Conv2d")).isValid());
}

void TestPalette::networks_are_offered_as_blocks() {
  const NetworkId drawn = document_.project().networks.front().id;
  palette_->show_network(drawn);
  const qsizetype types = shown_types().size();
  Network stage{.id = {2}, .name = "stage", .layers = {}, .connections = {}};
  QVERIFY(document_.edit(QStringLiteral("Add"), {AddNetwork{stage}}));
  QCOMPARE(shown_types().size(), types);  // nothing flows out of an empty one
  stage.layers.push_back(make_layer(stage, "Input", {}));
  stage.layers.push_back(make_layer(stage, "Output", {}));
  QVERIFY(document_.edit(QStringLiteral("Draw"),
                         {AddLayer{stage.id, stage.layers[0]}, AddLayer{stage.id, stage.layers[1]}}));
  QCOMPARE(shown_types().back(), QStringLiteral("Block 2"));
  const QModelIndex row = row_of(QStringLiteral("Block 2"));
  QCOMPARE(row.data().toString(), QStringLiteral("stage"));
  QVERIFY(document_.edit(QStringLiteral("Rename"), {RenameNetwork{stage.id, "trunk"}}));
  QCOMPARE(row_of(QStringLiteral("Block 2")).data().toString(), QStringLiteral("trunk"));
  const std::unique_ptr<QMimeData> data(list_->model()->mimeData({row_of(QStringLiteral("Block 2"))}));
  QCOMPARE(data->data(QString::fromLatin1(layer_mime_type)), QByteArray("Block 2"));
  // Within itself it can't stand.
  palette_->show_network(stage.id);
  QVERIFY(!row_of(QStringLiteral("Block 2")).isValid());
  document_.undo_stack().setIndex(0);
  QCOMPARE(shown_types().size(), types);
}

void TestPalette::drag_carries_the_type() {
  const QModelIndex index = row_of(QStringLiteral("Dropout"));
  QVERIFY(index.flags().testFlag(Qt::ItemIsDragEnabled));
  const std::unique_ptr<QMimeData> data(list_->model()->mimeData({index}));
  QCOMPARE(data->data(QString::fromLatin1(layer_mime_type)), QByteArray("Dropout"));
  const QPixmap picture = PaletteDelegate::drag_picture(index, 2);
  QCOMPARE(picture.devicePixelRatio(), 2.0);
  QVERIFY(picture.toImage().pixelColor(picture.width() / 2, 8).alpha() > 200);
}

QTEST_MAIN(TestPalette)
#include "test_palette.moc"
