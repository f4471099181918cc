#include "designer/theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QPalette>
#include <QRegularExpression>
#include <QStyle>
#include <QStyleFactory>
#include <QStyleHints>

#include <array>

// A static library's resources aren't registered by themselves; the macro must stand outside any namespace.
static void register_resources() {
  Q_INIT_RESOURCE(netwright);
}

namespace netwright {

namespace {

constexpr double body_points = 9.75;  // 13 pixels at 96 dpi

Colours light_colours() {
  return {
      .window = 0xf4f5f7,
      .surface = 0xffffff,
      .raised = 0xe9ebef,
      .canvas = 0xf8f9fb,
      .grid = 0xe2e5ea,
      .outline = 0xd6dae1,
      .text = 0x1b2029,
      .muted = 0x586172,
      .faint = 0x98a1b0,
      .accent = 0x3652c9,
      .on_accent = 0xffffff,
      .selection = QColor(0x36, 0x52, 0xc9, 34),
      .wire = 0x7d8797,
      .error = 0xbf2530,
      .warning = 0x8f5600,
      .advice = 0x1d64a8,
      .success = 0x1a7548,
      .series = {0x3652c9, 0xd1480f, 0x0b8266, 0x4f0e8a, 0xf153aa, 0x7a4406, 0x4b96b8, 0xa264f6, 0x1d2746, 0x5c5a66}};
}

Colours dark_colours() {
  return {
      .window = 0x17191e,
      .surface = 0x1f2228,
      .raised = 0x2b2f37,
      .canvas = 0x1a1c21,
      .grid = 0x272b32,
      .outline = 0x363b45,
      .text = 0xe4e7ec,
      .muted = 0xa2aab8,
      .faint = 0x6b7382,
      .accent = 0x8fa8ff,
      .on_accent = 0x0e1530,
      .selection = QColor(0x8f, 0xa8, 0xff, 46),
      .wire = 0x7f8998,
      .error = 0xff8d85,
      .warning = 0xefb65a,
      .advice = 0x82b6f2,
      .success = 0x70cf98,
      .series = {0x8fa8ff, 0xff9b66, 0x4fc7a5, 0xa56cf2, 0xf5dc3c, 0x856948, 0x3884a5, 0xbad2f9, 0x77fcbb, 0xc18434}};
}

// Hues apart from each other and of one lightness per theme, since they only ever stand as a thin edge.
constexpr std::array<QRgb, 12> light_categories = {0x6b7482, 0x3f6fd8, 0x1f8fb5, 0x7a55cf, 0xb0489f, 0xc9446b,
                                                   0xc77a16, 0x2f9457, 0x8a7a2c, 0x5f7f99, 0x1b9a8a, 0x3a4150};
constexpr std::array<QRgb, 12> dark_categories = {0x9aa3b1, 0x7fa2f5, 0x5fc1e0, 0xac90f2, 0xdb87cd, 0xee849f,
                                                  0xe8ab57, 0x73c795, 0xc4b565, 0x98b4cb, 0x5fccbd, 0xd5dae3};

double lightness(const QColor& colour) {
  return 0.299 * colour.redF() + 0.587 * colour.greenF() + 0.114 * colour.blueF();
}

bool desktop_is_dark() {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  const Qt::ColorScheme scheme = QGuiApplication::styleHints()->colorScheme();
  if (scheme != Qt::ColorScheme::Unknown) {
    return scheme == Qt::ColorScheme::Dark;
  }
#endif
  // An application palette of our own hides the desktop's; an empty one brings it back.
  QApplication::setPalette(QPalette());
  const QPalette desktop = QGuiApplication::palette();
  return lightness(desktop.color(QPalette::WindowText)) > lightness(desktop.color(QPalette::Window));
}

QPalette palette_of(const Colours& c) {
  QPalette palette;
  palette.setColor(QPalette::Window, c.window);
  palette.setColor(QPalette::WindowText, c.text);
  palette.setColor(QPalette::Base, c.surface);
  palette.setColor(QPalette::AlternateBase, c.raised);
  palette.setColor(QPalette::Text, c.text);
  palette.setColor(QPalette::Button, c.surface);
  palette.setColor(QPalette::ButtonText, c.text);
  palette.setColor(QPalette::BrightText, c.error);
  palette.setColor(QPalette::ToolTipBase, c.raised);
  palette.setColor(QPalette::ToolTipText, c.text);
  palette.setColor(QPalette::PlaceholderText, c.muted);
  palette.setColor(QPalette::Highlight, c.accent);
  palette.setColor(QPalette::HighlightedText, c.on_accent);
  palette.setColor(QPalette::Link, c.accent);
  palette.setColor(QPalette::LinkVisited, c.accent);
  palette.setColor(QPalette::Light, c.surface);
  palette.setColor(QPalette::Midlight, c.raised);
  palette.setColor(QPalette::Mid, c.outline);
  palette.setColor(QPalette::Dark, c.outline);
  palette.setColor(QPalette::Shadow, c.outline);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    palette.setColor(QPalette::Disabled, role, c.faint);
  }
  return palette;
}

QColor mixed(const QColor& a, const QColor& b, double share) {
  return QColor::fromRgbF(static_cast<float>(a.redF() + (b.redF() - a.redF()) * share),
                          static_cast<float>(a.greenF() + (b.greenF() - a.greenF()) * share),
                          static_cast<float>(a.blueF() + (b.blueF() - a.blueF()) * share));
}

QString css(const QColor& colour) {
  return colour.alpha() == 255 ? colour.name()
                               : QStringLiteral("rgba(%1,%2,%3,%4)")
                                     .arg(colour.red())
                                     .arg(colour.green())
                                     .arg(colour.blue())
                                     .arg(colour.alphaF(), 0, 'f', 3);
}

QString style_sheet(const Colours& c, bool is_dark, const QFont& caption) {
  const QHash<QString, QString> words = {
      {QStringLiteral("window"), css(c.window)},
      {QStringLiteral("surface"), css(c.surface)},
      {QStringLiteral("raised"), css(c.raised)},
      {QStringLiteral("outline"), css(c.outline)},
      {QStringLiteral("text"), css(c.text)},
      {QStringLiteral("muted"), css(c.muted)},
      {QStringLiteral("faint"), css(c.faint)},
      {QStringLiteral("accent"), css(c.accent)},
      {QStringLiteral("accent_hover"), css(mixed(c.accent, c.text, 0.15))},
      {QStringLiteral("on_accent"), css(c.on_accent)},
      {QStringLiteral("selection"), css(c.selection)},
      {QStringLiteral("scroll"), css(mixed(c.outline, c.faint, 0.4))},
      {QStringLiteral("error"), css(c.error)},
      {QStringLiteral("warning"), css(c.warning)},
      {QStringLiteral("caption"), QStringLiteral("%1pt").arg(caption.pointSizeF())},
      {QStringLiteral("mode"), is_dark ? QStringLiteral("dark") : QStringLiteral("light")},
  };
  QFile file(QStringLiteral(":/themes/netwright.qss"));
  if (!file.open(QIODevice::ReadOnly)) {
    return {};
  }
  const QString text = QString::fromUtf8(file.readAll());
  static const QRegularExpression word(QStringLiteral("@([a-z_]+)"));
  QString result;
  qsizetype end = 0;
  for (auto matches = word.globalMatch(text); matches.hasNext();) {
    const QRegularExpressionMatch match = matches.next();
    result += text.mid(end, match.capturedStart() - end) + words.value(match.captured(1));
    end = match.capturedEnd();
  }
  return result + text.mid(end);
}

QString first_installed(const QStringList& families) {
  const QStringList installed = QFontDatabase::families();
  for (const QString& family : families) {
    if (installed.contains(family)) {
      return family;
    }
  }
  return {};
}

[[maybe_unused]] bool has_tabular_digits(const QFont& font) {
  const QFontMetricsF metrics(font);
  return qFuzzyCompare(metrics.horizontalAdvance(QLatin1Char('1')), metrics.horizontalAdvance(QLatin1Char('8')));
}

}  // namespace

Theme& Theme::instance() {
  static Theme theme;
  return theme;
}

Theme::Theme() : colours_(light_colours()) {
  register_resources();
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  if (qGuiApp != nullptr) {
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &Theme::follow_desktop);
  }
#endif
}

void Theme::set_appearance(Appearance appearance) {
  appearance_ = appearance;
  is_dark_ = appearance == Appearance::System ? desktop_is_dark() : appearance == Appearance::Dark;
  apply();
}

void Theme::follow_desktop() {
  if (appearance_ == Appearance::System && desktop_is_dark() != is_dark_) {
    set_appearance(Appearance::System);
  } else if (appearance_ == Appearance::System) {
    QApplication::setPalette(palette_of(colours_));
  }
}

void Theme::apply() {
  colours_ = is_dark_ ? dark_colours() : light_colours();
  if (QApplication::style()->name() != QLatin1String("fusion") && qApp->styleSheet().isEmpty()) {
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  }
  QApplication::setPalette(palette_of(colours_));
  QApplication::setFont(body());
  qApp->setStyleSheet(style_sheet(colours_, is_dark_, caption()));
  emit changed();
}

QColor Theme::category(Category category) const {
  const auto index = static_cast<std::size_t>(category);
  return QColor(is_dark_ ? dark_categories[index] : light_categories[index]);
}

QColor Theme::severity(Severity severity) const {
  switch (severity) {
    case Severity::Error:
      return colours_.error;
    case Severity::Warning:
      return colours_.warning;
    case Severity::Advice:
      break;
  }
  return colours_.advice;
}

QFont Theme::body() const {
  static const QString family = first_installed({QStringLiteral("Inter")});
  QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
  if (!family.isEmpty()) {
    font.setFamily(family);
  }
  font.setPointSizeF(body_points);
  return font;
}

QFont Theme::caption() const {
  QFont font = body();
  font.setPointSizeF(body_points * 0.885);
  return font;
}

QFont Theme::heading() const {
  QFont font = body();
  font.setPointSizeF(body_points * 1.1);
  font.setWeight(QFont::DemiBold);
  return font;
}

QFont Theme::small_figures() const {
  QFont font = figures();
  font.setPointSizeF(caption().pointSizeF());
  return font;
}

QFont Theme::figures() const {
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
  QFont font = body();
  font.setFeature("tnum", 1);
  return font;
#else
  // Older Qt can't ask a font for its tabular digits, so a font whose digits are of one width anyway stands in.
  static const QFont font = [this] {
    QFont candidate = body();
    if (has_tabular_digits(candidate)) {
      return candidate;
    }
    const QString family = first_installed({QStringLiteral("Noto Sans"), QStringLiteral("Liberation Sans"),
                                            QStringLiteral("Arimo"), QStringLiteral("DejaVu Sans")});
    if (!family.isEmpty()) {
      candidate.setFamily(family);
      if (family == QLatin1String("DejaVu Sans")) {
        candidate.setPointSizeF(body_points * 0.92);  // its letters are wide
      }
    }
    return candidate;
  }();
  return font;
#endif
}

QFont Theme::code() const {
  static const QString family = first_installed({QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono")});
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  if (!family.isEmpty()) {
    font.setFamily(family);
  }
  font.setPointSizeF(body_points * 0.92);
  return font;
}

double caption_height() {
  return std::ceil(QFontMetricsF(Theme::instance().caption()).height());
}

}  // namespace netwright
