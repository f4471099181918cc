#include <QApplication>
#include <QTest>

#include <cmath>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

using namespace netwright;

namespace {

// WCAG 2.1's relative luminance and contrast.
double luminance(const QColor& colour) {
  const auto part = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
  return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF());
}

double contrast(const QColor& a, const QColor& b) {
  const double x = luminance(a);
  const double y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}  // namespace

class TestTheme : public QObject {
  Q_OBJECT

 private slots:
  void text_is_readable_data();
  void text_is_readable();
  void follows_its_appearance();
  void style_sheet_has_no_open_words();
  void icons_take_the_theme_and_stay_sharp();
};

void TestTheme::text_is_readable_data() {
  QTest::addColumn<bool>("is_dark");
  QTest::newRow("light") << false;
  QTest::newRow("dark") << true;
}

void TestTheme::text_is_readable() {
  QFETCH(bool, is_dark);
  Theme::instance().set_appearance(is_dark ? Appearance::Dark : Appearance::Light);
  const Colours& c = colours();
  const std::map<const char*, QColor> inks = {{"text", c.text},      {"muted", c.muted},     {"accent", c.accent},
                                              {"error", c.error},    {"warning", c.warning}, {"advice", c.advice},
                                              {"success", c.success}};
  const std::map<const char*, QColor> papers = {
      {"window", c.window}, {"surface", c.surface}, {"canvas", c.canvas}, {"raised", c.raised}};
  for (const auto& [ink, colour] : inks) {
    for (const auto& [paper, ground] : papers) {
      const double ratio = contrast(colour, ground);
      QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("%1 on %2: %3").arg(ink, paper).arg(ratio)));
    }
  }
  QVERIFY(contrast(c.on_accent, c.accent) >= 4.5);
  for (const QColor& series : c.series) {
    QVERIFY2(contrast(series, c.surface) >= 3, qPrintable(series.name()));
  }
}

void TestTheme::follows_its_appearance() {
  Theme::instance().set_appearance(Appearance::Light);
  const QColor light = QApplication::palette().color(QPalette::Window);
  Theme::instance().set_appearance(Appearance::Dark);
  QVERIFY(Theme::instance().is_dark());
  QVERIFY(luminance(QApplication::palette().color(QPalette::Window)) < luminance(light));
  QVERIFY(luminance(QApplication::palette().color(QPalette::WindowText)) > 0.5);
}

void TestTheme::style_sheet_has_no_open_words() {
  Theme::instance().set_appearance(Appearance::Light);
  QVERIFY(qApp->styleSheet().size() > 1000);
  QVERIFY(!qApp->styleSheet().contains(QLatin1Char('@')));
  QVERIFY(!qApp->styleSheet().contains(QStringLiteral(": ;")));
}

void TestTheme::icons_take_the_theme_and_stay_sharp() {
  const auto strongest = [](const QImage& image) {
    QColor found(Qt::transparent);
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) {
        if (image.pixelColor(x, y).alpha() > found.alpha()) {
          found = image.pixelColor(x, y);
        }
      }
    }
    return found;
  };
  const QIcon stop = icon(QStringLiteral("stop"), Ink::Error);
  for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
    Theme::instance().set_appearance(appearance);
    QCOMPARE(strongest(stop.pixmap(QSize(16, 16), 2.0).toImage()).name(), colours().error.name());
    QCOMPARE(strongest(stop.pixmap(QSize(16, 16), 1.0, QIcon::Disabled).toImage()).name(), colours().faint.name());
  }
  QCOMPARE(stop.pixmap(QSize(16, 16), 2.0).size(), QSize(32, 32));
  QVERIFY(!icon(QStringLiteral("fit")).pixmap(16, 16).toImage().isNull());
}

QTEST_MAIN(TestTheme)
#include "test_theme.moc"
