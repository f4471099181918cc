#include <QApplication>
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

using namespace netwright;

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

double linear(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

// WCAG 2.1's relative luminance and contrast.
double luminance(const QColor& colour) {
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

Triple times(const Matrix& matrix, const Triple& v) {
  Triple out{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t i = 0; i < 3; ++i) out[row] += matrix[row][i] * v[i];
  }
  return out;
}

// Full, and without red, green and blue cones (Machado, Oliveira and Fernandes, 2009, table 1, severity 1).
const Matrix sights[] = {
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}}};

// Ottosson's OKLab, in which equal distances look about equally different.
Triple oklab(const QColor& colour, const Matrix& sight) {
  Triple seen = times(sight, {linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())});
  for (double& part : seen) part = std::clamp(part, 0.0, 1.0);
  Triple cones = times({{{0.4122214708, 0.5363325363, 0.0514459929},
                         {0.2119034982, 0.6806995451, 0.1073969566},
                         {0.0883024619, 0.2817188376, 0.6299787005}}},
                       seen);
  for (double& cone : cones) cone = std::cbrt(cone);
  return times({{{0.2104542553, 0.7936177850, -0.0040720468},
                 {1.9779984951, -2.4285922050, 0.4505937099},
                 {0.0259040371, 0.7827717662, -0.8086757660}}},
               cones);
}

double distance(const QColor& a, const QColor& b, const Matrix& sight) {
  const Triple x = oklab(a, sight);
  const Triple y = oklab(b, sight);
  return std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
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
  void series_differ_without_colour_vision_data() { text_is_readable_data(); }
  void series_differ_without_colour_vision();
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

void TestTheme::series_differ_without_colour_vision() {
  QFETCH(bool, is_dark);
  Theme::instance().set_appearance(is_dark ? Appearance::Dark : Appearance::Light);
  for (std::size_t sight = 0; sight < std::size(sights); ++sight) {
    for (std::size_t i = 0; i < std::size(colours().series); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double apart = distance(series_colour(i), series_colour(j), sights[sight]);
        QVERIFY2(apart > 0.05, qPrintable(QStringLiteral("%1, %2 by sight %3: %4")
                                              .arg(series_colour(i).name(), series_colour(j).name())
                                              .arg(sight)
                                              .arg(apart)));
      }
    }
  }
  QCOMPARE(series_colour(12), series_colour(2));
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
