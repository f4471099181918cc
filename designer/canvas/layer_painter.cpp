#include "designer/canvas/layer_painter.h"

#include <QPainterPath>
#include <QTextLayout>
#include <algorithm>

#include "designer/canvas/geometry.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr qreal corner = 6;
constexpr qreal edge = 4;      // of the category's colour
constexpr qreal padding = 14;  // from the left side to the text
constexpr qreal badge = 15;
/// Further away a port at rest is but a speck.
constexpr qreal ports_zoom = 0.55;

/// The canvas's own sizes, in canvas units, so that text fits its node whatever the desktop's font size is.
struct Fonts {
  QFont name;
  QFont detail;
  QFont figures;
  QFont far_name;
  int figure_size = 11;

  explicit Fonts(const Theme& theme)
      : name(theme.body()), detail(theme.body()), figures(theme.figures()), far_name(theme.body()) {
    name.setPixelSize(13);
    name.setWeight(QFont::DemiBold);
    detail.setPixelSize(11);
    // Where the tabular figures are of another family, they look as large as the text beside them.
    figures.setPixelSize(11);
    const qreal ratio = QFontMetricsF(detail).xHeight() / std::max(QFontMetricsF(figures).xHeight(), 1.0);
    figure_size = std::clamp(static_cast<int>(11 * ratio + 0.4), 9, 12);
    figures.setPixelSize(figure_size);
    far_name.setPixelSize(24);
    far_name.setWeight(QFont::DemiBold);
  }
};

const Fonts& fonts() {
  static Fonts current(Theme::instance());
  static const bool is_connected = [] {
    QObject::connect(&Theme::instance(), &Theme::changed, [] { current = Fonts(Theme::instance()); });
    return true;
  }();
  Q_UNUSED(is_connected)
  return current;
}

const QPainterPath& outline_path() {
  static const QPainterPath path = [] {
    QPainterPath p;
    p.addRoundedRect(node_rect(), corner, corner);
    return p;
  }();
  return path;
}

const QPainterPath& edge_path() {
  static const QPainterPath path = [] {
    QPainterPath strip;
    strip.addRect(QRectF(0, 0, edge, node_height));
    return outline_path().intersected(strip);
  }();
  return path;
}

QColor category_colour(const LayerFace& face) {
  return face.category ? Theme::instance().category(*face.category) : colours().muted;
}

QColor blended(const QColor& over, const QColor& under, qreal share) {
  const auto mix = [share](qreal a, qreal b) { return a * share + b * (1 - share); };
  return QColor::fromRgbF(static_cast<float>(mix(over.redF(), under.redF())),
                          static_cast<float>(mix(over.greenF(), under.greenF())),
                          static_cast<float>(mix(over.blueF(), under.blueF())));
}

bool is_in_error(const LayerFace& face) {
  return face.severity == Severity::Error;
}

/// How far each sheet of a Block's stack looks out behind the one above it.
constexpr qreal sheet = 4;

/// A Block looks like a stack, of three sheets where it is repeated.
void paint_stack(QPainter& painter, const LayerFace& face) {
  if (face.stack < 1) return;
  QPen pen(colours().outline, 1);
  pen.setCosmetic(true);
  painter.setPen(pen);
  painter.setBrush(colours().raised);
  for (int depth = face.stack > 1 ? 2 : 1; depth > 0; --depth) {
    const QRectF behind = node_rect().translated(depth * sheet, -depth * sheet);
    painter.drawRoundedRect(behind, corner, corner);
  }
}

QPen outline_pen(const LayerFace& face, const NodeState& state) {
  QPen pen(colours().outline, 1);
  if (state.is_hovered) pen.setColor(colours().muted);
  if (is_in_error(face)) pen.setColor(colours().error);
  if (state.is_selected) {
    pen.setColor(colours().accent);
    pen.setWidthF(2);
  }
  pen.setCosmetic(true);
  return pen;
}

QString elided(const QString& text, const QFont& font, qreal width) {
  const QFontMetricsF metrics(font);
  return metrics.horizontalAdvance(text) <= width ? text : metrics.elidedText(text, Qt::ElideRight, width);
}

void paint_badge(QPainter& painter, const LayerFace& face) {
  const QRectF place(node_width - badge - 8, 9, badge, badge);
  painter.setPen(Qt::NoPen);
  painter.setBrush(Theme::instance().severity(*face.severity));
  painter.drawEllipse(place);
  QFont font = fonts().detail;
  font.setWeight(QFont::Bold);
  painter.setFont(font);
  painter.setPen(colours().surface);
  painter.drawText(place, Qt::AlignCenter,
                   face.severity == Severity::Advice ? QStringLiteral("i") : QStringLiteral("!"));
}

void paint_text(QPainter& painter, const LayerFace& face) {
  const bool has_badge = face.severity.has_value();
  const qreal width = node_width - padding - 10;
  painter.setFont(fonts().name);
  painter.setPen(colours().text);
  painter.drawText(QPointF(padding, 21), elided(face.name, fonts().name, width - (has_badge ? badge + 4 : 0)));

  painter.setFont(fonts().detail);
  painter.setPen(colours().muted);
  const QString type = elided(face.type, fonts().detail, width);
  painter.drawText(QPointF(padding, 39), type);
  if (!face.caption.isEmpty()) {
    const qreal used = QFontMetricsF(fonts().detail).horizontalAdvance(type) + 8;
    if (width - used > 24) {
      painter.setFont(fonts().figures);
      painter.setPen(colours().text);
      painter.drawText(QPointF(padding + used, 39), elided(face.caption, fonts().figures, width - used));
    }
  }

  painter.setFont(fonts().figures);
  painter.setPen(colours().muted);
  const QRectF bottom(padding, 48, width, 16);
  const qreal beside = width - QFontMetricsF(fonts().figures).horizontalAdvance(face.field) - 6;
  painter.drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter, elided(face.parameters, fonts().figures, beside));
  painter.drawText(bottom, Qt::AlignRight | Qt::AlignVCenter, face.field);
}

void paint_port(QPainter& painter, QPointF place, bool is_connected, bool is_hovered, bool is_offered) {
  QPen pen(is_hovered || is_offered ? colours().accent : colours().muted, 1.25);
  qreal radius = is_hovered ? port_radius + 2.5 : port_radius;
  if (is_offered) {
    QColor halo = colours().accent;
    halo.setAlphaF(0.25f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(halo);
    painter.drawEllipse(place, 2 * port_radius, 2 * port_radius);
    radius = is_hovered ? port_radius + 2.5 : port_radius + 0.5;
  }
  painter.setPen(pen);
  painter.setBrush(is_hovered || is_offered ? colours().accent : is_connected ? colours().muted : colours().surface);
  painter.drawEllipse(place, radius, radius);
}

void paint_ports(QPainter& painter, const LayerFace& face, const NodeState& state) {
  const int inputs = static_cast<int>(face.inputs.size());
  for (int port = 0; port < inputs; ++port)
    paint_port(painter, input_port_place(port, inputs), face.inputs[port], state.hovered_input == port,
               state.offered_inputs.contains(port));
  const int outputs = static_cast<int>(face.outputs.size());
  for (int port = 0; port < outputs; ++port)
    paint_port(painter, output_port_place(port, outputs), face.outputs[port], state.hovered_output == port,
               state.offered_outputs.contains(port));
}

struct ShapeLabel {
  QString text;
  QRectF place;
};

/// The shape under each output. Where they find no room side by side, one that all share is said once, and others take
/// turns on two lines.
std::vector<ShapeLabel> shape_labels(const LayerFace& face, const QFont& font) {
  const QFontMetricsF metrics(font);
  const int outputs = static_cast<int>(face.outputs.size());
  const auto label = [&](const QString& text, qreal x, qreal line) {
    const QSizeF size(metrics.horizontalAdvance(text) + 8, metrics.height());
    const QPointF middle(x, node_height + 23 + line * (metrics.height() - 1));
    return ShapeLabel{text, QRectF(middle - QPointF(size.width(), size.height()) / 2, size)};
  };
  std::vector<ShapeLabel> labels;
  bool is_crowded = false;
  for (int port = 0; port < outputs && port < face.shapes.size(); ++port) {
    labels.push_back(label(face.shapes[port], output_port_place(port, outputs).x(), 0));
    is_crowded = is_crowded || (port > 0 && labels[labels.size() - 2].place.right() > labels.back().place.left());
  }
  if (!is_crowded) return labels;
  if (face.shapes.count(face.shapes.front()) == face.shapes.size()) {
    const QString each = QStringLiteral("%1 · %2").arg(face.shapes.size()).arg(face.shapes.front());
    return {label(each, node_width / 2, 0)};
  }
  for (std::size_t port = 1; port < labels.size(); port += 2) labels[port].place.translate(0, metrics.height() - 1);
  return labels;
}

void paint_shapes(QPainter& painter, const LayerFace& face, qreal zoom) {
  QFont font = fonts().figures;
  // The text stays readable while the canvas shrinks.
  const double readable = 0.85 * fonts().figure_size / std::max(zoom, names_only_zoom);
  font.setPixelSize(std::clamp(static_cast<int>(readable + 0.5), fonts().figure_size, fonts().figure_size + 5));
  painter.setFont(font);
  for (const ShapeLabel& label : shape_labels(face, font)) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours().canvas);
    painter.drawRoundedRect(label.place, 3, 3);
    painter.setPen(colours().muted);
    painter.drawText(label.place, Qt::AlignCenter, label.text);
  }
}

void paint_words(QPainter& painter, const LayerFace& face) {
  if (face.words.isEmpty()) return;
  // Beneath the node, and beneath the shapes where they are known in spite of the complaint.
  const qreal top = node_height + (face.shapes.isEmpty() ? 9 : face.shapes.size() == 1 ? 32 : 48);
  QTextLayout layout(face.words, fonts().detail);
  QTextOption option(Qt::AlignLeft);
  option.setWrapMode(QTextOption::WordWrap);
  layout.setTextOption(option);
  layout.beginLayout();
  qreal y = 0;
  qreal widest = 0;
  QStringList lines;
  for (int line = 0; line < 2; ++line) {
    QTextLine next = layout.createLine();
    if (!next.isValid()) break;
    next.setLineWidth(node_width);
    const QString rest = face.words.mid(next.textStart());
    lines.push_back(line == 1 ? elided(rest, fonts().detail, node_width) : rest.left(next.textLength()).trimmed());
    widest = std::max(widest, QFontMetricsF(fonts().detail).horizontalAdvance(lines.back()));
    y += next.height();
  }
  layout.endLayout();
  const qreal height = y / static_cast<qreal>(lines.size());
  painter.setPen(Qt::NoPen);
  painter.setBrush(colours().canvas);
  painter.drawRoundedRect(QRectF(-4, top - 1, widest + 8, y + 2), 3, 3);
  painter.setFont(fonts().detail);
  painter.setPen(Theme::instance().severity(*face.severity));
  for (qsizetype line = 0; line < lines.size(); ++line)
    painter.drawText(QRectF(0, top + static_cast<qreal>(line) * height, node_width, height),
                     Qt::AlignLeft | Qt::AlignVCenter, lines[line]);
}

void paint_name_only(QPainter& painter, const LayerFace& face, const NodeState& state) {
  painter.setPen(outline_pen(face, state));
  painter.setBrush(colours().surface);
  // At this size round corners are a pixel: not worth their price.
  painter.setRenderHint(QPainter::Antialiasing, false);
  if (face.stack > 0) painter.drawRect(node_rect().translated(sheet, -sheet));
  painter.drawRect(node_rect());
  painter.fillRect(QRectF(0, 0, 2 * edge, node_height), category_colour(face));
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setFont(fonts().far_name);
  painter.setPen(is_in_error(face) ? colours().error : colours().text);
  painter.drawText(node_rect().adjusted(padding, 0, -8, 0), Qt::AlignVCenter | Qt::AlignLeft,
                   elided(face.name, fonts().far_name, node_width - padding - 8));
}

}  // namespace

void paint_flash(QPainter& painter, qreal flash) {
  if (flash <= 0) return;
  QColor glow = colours().accent;
  glow.setAlphaF(static_cast<float>(0.6 * flash));
  painter.setPen(QPen(glow, 4));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(node_rect().adjusted(-4, -4, 4, 4), corner + 4, corner + 4);
}

QColor plain_colour(const LayerFace& face, bool is_selected, bool is_dimmed) {
  if (is_selected) return colours().accent;
  const QColor full = is_in_error(face) ? colours().error : blended(category_colour(face), colours().canvas, 0.6);
  return is_dimmed ? blended(full, colours().canvas, 0.5) : full;
}

QRectF node_bounds(const LayerFace& face) {
  const qreal shapes = face.shapes.isEmpty() ? 9 : face.shapes.size() == 1 ? 36 : 54;
  const qreal below = shapes + (face.words.isEmpty() ? 0 : 36);
  return node_rect().adjusted(-9, -9, 9, below);
}

void paint_node(QPainter& painter, const LayerFace& face, const NodeState& state, qreal zoom) {
  if (state.is_dimmed) painter.setOpacity(painter.opacity() * 0.5);
  if (zoom < plain_zoom) {
    painter.fillRect(node_rect(), plain_colour(face, state.is_selected, false));
  } else if (zoom < names_only_zoom) {
    paint_name_only(painter, face, state);
    if (!state.offered_inputs.empty() || !state.offered_outputs.empty()) paint_ports(painter, face, state);
  } else {
    paint_shapes(painter, face, zoom);
    paint_stack(painter, face);
    painter.setPen(outline_pen(face, state));
    painter.setBrush(colours().surface);
    painter.drawPath(outline_path());
    painter.fillPath(edge_path(), category_colour(face));
    if (state.is_selected) {
      painter.setPen(outline_pen(face, state));
      painter.setBrush(Qt::NoBrush);
      painter.drawPath(outline_path());
    }
    paint_text(painter, face);
    if (face.severity) paint_badge(painter, face);
    paint_words(painter, face);
    const bool is_in_use = state.is_hovered || !state.offered_inputs.empty() || !state.offered_outputs.empty();
    if (zoom >= ports_zoom || is_in_use) paint_ports(painter, face, state);
  }
  paint_flash(painter, state.flash);
}

}  // namespace netwright
