#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

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
  void drag_carries_the_type();

 private:
  QModelIndex row_of(const QString& type) const;
  QStringList shown_types() const;

  std::unique_ptr<Palette> palette_;
  QLineEdit* search_ = nullptr;
  QListView* list_ = nullptr;
};

void TestPalette::init() {
  Theme::instance().set_appearance(Appearance::Light);
  palette_ = std::make_unique<Palette>();
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
}

void TestPalette::search_finds_names_and_purposes() {
  QFETCH(QString, words);
  QFETCH(QString, type);
  palette_->focus_search();
  QTest::keyClicks(search_, words);
  QVERIFY2(shown_types().contains(type), qPrintable(shown_types().join(QLatin1Char(' '))));
  QVERIFY(shown_types().size() < static_cast<qsizetype>(catalogue().size()));
  QTest::keyClick(search_, Qt::Key_Escape);
  QCOMPARE(shown_types().size(), static_cast<qsizetype>(catalogue().size()));
}

void TestPalette::enter_chooses_the_first() {
  QSignalSpy chosen(palette_.get(), &Palette::layer_chosen);
  palette_->focus_search();
  QTest::keyClicks(search_, QStringLiteral("line"));
  QTest::keyClick(search_, Qt::Key_Return);
  QCOMPARE(chosen.size(), 1);
  QCOMPARE(chosen[0][0].toString(), QStringLiteral("Linear"));
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
