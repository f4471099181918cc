#include "designer/canvas/layer_face.h"

#include <QCoreApplication>

#include "backend/core/numbers.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/ports.h"
#include "designer/document/words.h"

namespace netwright {
namespace {

QString parameters_text(const LayerReport& report, bool trainable) {
  if (!report.parameters || *report.parameters == 0) return {};
  constexpr std::int64_t widest = 99'999'999;  // more digits don't fit beside the receptive field
  const std::int64_t count = *report.parameters;
  const QString number = QString::fromStdString(count > widest ? with_unit(count) : with_separators(count));
  return (trainable ? tr("%1 params") : tr("%1 frozen")).arg(number);
}

QString short_words(const Diagnostic& diagnostic) {
  if (!diagnostic.expected.empty() && !diagnostic.actual.empty() &&
      diagnostic.expected.size() + diagnostic.actual.size() < 40)
    return tr("needs %1, gets %2")
        .arg(QString::fromStdString(diagnostic.expected), QString::fromStdString(diagnostic.actual));
  return QString::fromStdString(diagnostic.message);
}

QString tool_tip_of(const LayerFace& face, const LayerSpec* spec, const std::vector<const Diagnostic*>& complaints) {
  QString text = QStringLiteral("<b>%1</b> · %2").arg(face.name.toHtmlEscaped(), face.type.toHtmlEscaped());
  if (spec) text += QStringLiteral("<br>%1").arg(QString::fromStdString(spec->summary).toHtmlEscaped());
  for (const Diagnostic* complaint : complaints) {
    text += QStringLiteral("<br><br><b>%1</b> %2")
                .arg(QString::fromStdString(to_text(complaint->severity)).toHtmlEscaped(),
                     QString::fromStdString(complaint->message).toHtmlEscaped());
  }
  return text;
}

}  // namespace

LayerFace face_of(const Project& project, const Layer& layer, const LayerReport* report,
                  const std::vector<const Diagnostic*>& complaints, const std::vector<Connection>& connections) {
  const LayerSpec* spec = find_layer_spec(layer.type);
  // Beside the parameters there is room for a word.
  const auto field_text = [](const ReceptiveField& field) {
    return sees_whole_input(field) ? tr("whole") : QString::fromStdString(to_text(field));
  };
  LayerFace face;
  face.name = QString::fromStdString(layer.name);
  face.type = QString::fromStdString(layer.type);
  if (spec) face.category = spec->category;
  if (spec && spec->caption) face.caption = QString::fromStdString(spec->caption(layer.settings));
  if (is_block(layer)) {
    // What it stands for says more than that it is a Block, which its look says.
    const Network* network = network_of_block(project, layer);
    if (network && network->name != layer.name) face.type = QString::fromStdString(network->name);
    face.stack = static_cast<int>(std::clamp<std::int64_t>(layer.settings.integer("repeat"), 1, 1000));
  }
  if (report) {
    face.parameters = parameters_text(*report, layer.trainable);
    if (report->is_valid && !report->field.empty() && !(spec && spec->max_inputs == 0))
      face.field = tr("RF %1").arg(field_text(report->field));
    for (const Shape& shape : report->outputs) face.shapes.push_back(QString::fromStdString(shape.to_string()));
  }
  const Diagnostic* worst = nullptr;
  for (const Diagnostic* complaint : complaints)
    if (!worst || complaint->severity > worst->severity) worst = complaint;
  if (worst) {
    face.severity = worst->severity;
    // Less than an error is said by the badge: the room beneath belongs to the shape.
    if (worst->severity == Severity::Error) face.words = short_words(*worst);
  }
  int highest_input = -1;
  int highest_output = -1;
  for (const Connection& c : connections) {
    if (c.to.layer == layer.id) highest_input = std::max(highest_input, c.to.port);
    if (c.from.layer == layer.id) highest_output = std::max(highest_output, c.from.port);
  }
  const PortCounts counts = port_counts(project, layer);
  face.inputs.assign(input_port_count(counts, highest_input), false);
  face.outputs.assign(output_port_count(counts, highest_output), false);
  for (const Connection& c : connections) {
    if (c.to.layer == layer.id && c.to.port >= 0) face.inputs[c.to.port] = true;
    if (c.from.layer == layer.id && c.from.port >= 0) face.outputs[c.from.port] = true;
  }
  face.tool_tip = tool_tip_of(face, spec, complaints);
  return face;
}

LayerFace face_of_kind(const Project& project, const LayerKind& kind) {
  Layer layer;
  layer.type = kind.type;
  layer.name = kind.type;
  layer.settings = kind.settings();
  if (const LayerSpec* spec = find_layer_spec(kind.type)) {
    layer.name = spec->name_stem;
    layer.settings = completed(spec->settings, layer.settings);
  }
  return face_of(project, layer, nullptr, {}, {});
}

}  // namespace netwright
