#include "backend/analysis/layer_visit.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/analysis/memory.h"
#include "backend/core/numbers.h"
#include "backend/graph/blocks.h"
#include "backend/graph/gestures.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr std::int64_t integer_bytes = 8;

class LayerVisit {
 public:
  LayerVisit(const VisitContext& context, const Layer& layer) : context_(context), layer_(layer) {}

  Visited run() {
    visited_.diagnostics = check_settings(context_.project, context_.network, layer_);
    const bool are_valid = std::none_of(visited_.diagnostics.begin(), visited_.diagnostics.end(),
                                        [](const Diagnostic& d) { return d.severity == Severity::Error; });
    const LayerSpec* spec = find_layer_spec(layer_.type);
    if (spec && are_valid) fill_in(*spec);
    return std::move(visited_);
  }

 private:
  void fill_in(const LayerSpec& spec) {
    LayerReport& figures = visited_.report;
    std::vector<CarriedField> fields;
    for (const auto& port : context_.structure.inputs.at(layer_.id)) {
      const auto source = port ? context_.reports.find(port->layer) : context_.reports.end();
      if (source == context_.reports.end() || !source->second.is_valid) return;  // waits for what is upstream
      figures.inputs.push_back(source->second.outputs[static_cast<std::size_t>(port->port)]);
      fields.push_back(context_.fields.at(port->layer)[static_cast<std::size_t>(port->port)]);
    }
    const LayerView view{layer_.settings, figures.inputs};
    ShapeResult result = spec.shapes(view);
    if (const auto* problem = std::get_if<ShapeProblem>(&result)) {
      report_problem(*problem, Severity::Error, "shape");
      return;
    }
    if (!check_elements(spec)) return;
    figures.outputs = std::get<std::vector<Shape>>(std::move(result));
    if (layer_.type == "Input") complete_from_data(figures.outputs.front());
    figures.is_valid = true;
    if (spec.warnings) {
      for (const ShapeProblem& warning : spec.warnings(view)) report_problem(warning, Severity::Warning, "unusual");
    }
    count(spec, view);
    carry_fields(spec, view, fields);
  }

  /// Whether the inputs are the numbers that the layer takes; says what its outputs are.
  bool check_elements(const LayerSpec& spec) {
    LayerReport& figures = visited_.report;
    if (layer_.type == "Input") figures.holds_integers = layer_.settings.text("dtype") == "int64";
    const auto& ports = context_.structure.inputs.at(layer_.id);
    bool takes_integers = spec.elements == Elements::Indices;
    if (spec.elements == Elements::Any && !ports.empty()) {
      figures.holds_integers = takes_integers = context_.reports.at(ports.front()->layer).holds_integers;
    }
    for (std::size_t port = 0; port < ports.size(); ++port) {
      const PortRef source = *ports[port];
      const bool are_integers = context_.reports.at(source.layer).holds_integers;
      if (are_integers == takes_integers) continue;
      const Layer& from = *context_.network.find(source.layer);
      const char* const needed = are_integers ? "real numbers" : "whole numbers";
      Diagnostic diagnostic =
          at(Severity::Error, "elements",
             fmt::format("{} takes {}; {} gives {}.", layer_.name, needed, from.name,
                         are_integers ? "whole ones (words): put an Embedding between" : "real ones"));
      diagnostic.port = static_cast<int>(port);
      diagnostic.expected = needed;
      diagnostic.actual = are_integers ? "whole numbers" : "real numbers";
      if (from.type == "Input") {
        const std::string dtype = are_integers ? "float32" : "int64";
        diagnostic.fixes.push_back({fmt::format("Set {}.dtype to {}", from.name, dtype),
                                    {SetSetting{context_.network.id, from.id, "dtype", dtype}}});
      }
      visited_.diagnostics.push_back(std::move(diagnostic));
      return false;
    }
    return true;
  }

  void complete_from_data(Shape& shape) const {
    const auto& data = context_.data;
    if (!data || shape.is_known() || !shape.is_compatible_with(data->sample_shape)) return;
    shape = data->sample_shape;
  }

  void count(const LayerSpec& spec, const LayerView& view) {
    LayerReport& figures = visited_.report;
    if (spec.weights) figures.weights = spec.weights(view);
    figures.parameters = 0;
    for (const Weight& weight : figures.weights) {
      if (!weight.is_buffer) figures.parameters = checked_add(figures.parameters, weight.shape.elements());
    }
    figures.macs = spec.macs ? spec.macs(view, figures.outputs) : Dim(0);
    figures.output_bytes = 0;
    figures.saved_bytes = 0;
    for (const Shape& output : figures.outputs) {
      figures.saved_bytes =
          checked_add(figures.saved_bytes, checked_multiply(output.elements(), spec.saved.bytes_per_output));
      // Output hands on what it is given, and a view shows what is there: they hold nothing of their own.
      if (layer_.type == "Output" || spec.is_view) continue;
      const std::int64_t width = figures.holds_integers ? integer_bytes : float_bytes;
      figures.output_bytes = checked_add(figures.output_bytes, checked_multiply(output.elements(), width));
    }
    const bool is_known =
        std::all_of(figures.outputs.begin(), figures.outputs.end(), [](const Shape& s) { return s.is_known(); });
    if (is_known && (!figures.parameters || !figures.macs || !figures.output_bytes || !figures.saved_bytes)) {
      visited_.diagnostics.push_back(at(Severity::Error, "too-large",
                                        fmt::format("{} is too large: its figures don't fit 63 bits.", layer_.name)));
    }
  }

  void carry_fields(const LayerSpec& spec, const LayerView& view, const std::vector<CarriedField>& fields) {
    const std::vector<Shape>& outputs = visited_.report.outputs;
    visited_.fields.resize(outputs.size());
    if (layer_.type == "Input") visited_.fields.front() = field_of_input(outputs.front());
    if (fields.empty()) return;
    for (std::size_t output = 0; output < outputs.size(); ++output) {
      std::vector<CarriedField> branches;
      for (std::size_t port = 0; port < fields.size(); ++port) {
        branches.push_back(
            carry(fields[port], windows_of(spec, view, port, output), view.input(port), outputs[output]));
      }
      visited_.fields[output] = merge(branches);
    }
  }

  static std::vector<AxisWindow> windows_of(const LayerSpec& spec, const LayerView& view, std::size_t port,
                                            std::size_t output) {
    if (spec.output_window) return spec.output_window(view, port, output);
    return spec.window ? spec.window(view, port) : std::vector<AxisWindow>();
  }

  Diagnostic at(Severity severity, const char* code, std::string message) const {
    return diagnostic_at(severity, code, context_.network.id, layer_.id, std::move(message));
  }

  void report_problem(const ShapeProblem& problem, Severity severity, const char* code) {
    Diagnostic diagnostic = at(severity, code, fmt::format("{}: {}", layer_.name, problem.message));
    diagnostic.port = problem.port;
    diagnostic.setting = problem.setting;
    diagnostic.expected = problem.expected;
    diagnostic.actual = problem.actual;
    for (const FixHint& hint : problem.fixes) diagnostic.fixes.push_back(fix_from(hint));
    visited_.diagnostics.push_back(std::move(diagnostic));
  }

  Fix fix_from(const FixHint& hint) const {
    const Network& network = context_.network;
    if (const auto* change = std::get_if<ChangeSetting>(&hint.action)) {
      return {hint.label, {SetSetting{network.id, layer_.id, change->setting, change->value}}};
    }
    const auto& insertion = std::get<InsertBefore>(hint.action);
    // The connection that the analysis followed: the port may have others, dangling ones too.
    const auto& ports = context_.structure.inputs.at(layer_.id);
    const auto port = static_cast<std::size_t>(insertion.port);
    if (const auto from = port < ports.size() ? ports[port] : std::nullopt) {
      const Connection connection{*from, {layer_.id, insertion.port}};
      const Layer* source = network.find(connection.from.layer);
      const Point halfway{(source->position.x + layer_.position.x) / 2, (source->position.y + layer_.position.y) / 2};
      const Layer added = make_layer(network, insertion.type, halfway, insertion.settings);
      return {hint.label, insert_on_connection(network, connection, added)};
    }
    return {hint.label, {}};
  }

  const VisitContext& context_;
  const Layer& layer_;
  Visited visited_;
};

}  // namespace

std::vector<Diagnostic> check_settings(const Project& project, const Network& network, const Layer& layer) {
  std::vector<Diagnostic> diagnostics;
  const LayerSpec* spec = find_layer_spec(layer.type);
  if (!spec) return diagnostics;
  const std::vector<SettingSpec> block_settings =
      is_block(layer) ? settings_of(project, layer) : std::vector<SettingSpec>();
  const std::vector<SettingSpec>& settings = is_block(layer) ? block_settings : spec->settings;
  for (const SettingSpec& setting : settings) {
    const Value* value = layer.settings.find(setting.name);
    // What a Block doesn't choose is as it is within.
    if (!value && !find_spec(spec->settings, setting.name)) continue;
    const auto why = value ? complaint(setting, *value) : std::optional<std::string>("it isn't set");
    if (!why) continue;
    Diagnostic diagnostic =
        diagnostic_at(Severity::Error, "setting", network.id, layer.id, fmt::format("{}: {}.", layer.name, *why));
    diagnostic.setting = setting.name;
    diagnostic.actual = value ? to_text(*value) : std::string();
    diagnostic.fixes.push_back({fmt::format("Set {} to {}", setting.name, to_text(setting.fallback)),
                                {SetSetting{network.id, layer.id, setting.name, setting.fallback}}});
    diagnostics.push_back(std::move(diagnostic));
  }
  for (const auto& [name, value] : layer.settings.values()) {
    if (find_spec(settings, name)) continue;
    diagnostics.push_back(
        diagnostic_at(Severity::Warning, "unknown-setting", network.id, layer.id,
                      fmt::format("{} has no setting “{}”; it is kept but does nothing.", layer.type, name)));
  }
  return diagnostics;
}

Visited visit(const VisitContext& context, const Layer& layer) {
  return LayerVisit(context, layer).run();
}

}  // namespace netwright
