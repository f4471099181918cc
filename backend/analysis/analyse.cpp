#include "backend/analysis/analyse.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backend/analysis/memory.h"
#include "backend/analysis/receptive_field.h"
#include "backend/analysis/structure.h"
#include "backend/analysis/task_fit.h"
#include "backend/core/numbers.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/gestures.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr std::int64_t float_bytes = 4;

/// Walks one network in topological order and fills in its report.
class NetworkAnalysis {
 public:
  NetworkAnalysis(const Network& network, const std::optional<DataDescription>& data,
                  std::vector<Diagnostic>& diagnostics)
      : network_(network), data_(data), diagnostics_(diagnostics) {}

  NetworkReport run(const Recipe& recipe) {
    report_.id = network_.id;
    report_.name = network_.name;
    structure_ = structure_of(network_, diagnostics_);
    report_.order = structure_.order;
    is_time_first_ = finds_time_first();
    for (const LayerId id : structure_.order) visit(*network_.find(id));
    // Layers on a cycle have no figures, but their settings are checked all the same.
    const std::set<LayerId> ordered(structure_.order.begin(), structure_.order.end());
    for (const Layer& layer : network_.layers) {
      if (const LayerSpec* spec = find_layer_spec(layer.type); spec && !ordered.contains(layer.id))
        check_settings(layer, *spec);
    }
    summarise();
    report_.totals = totals_of(network_, report_, recipe);
    return std::move(report_);
  }

 private:
  bool check_settings(const Layer& layer, const LayerSpec& spec) {
    bool are_valid = true;
    for (const SettingSpec& setting : spec.settings) {
      const Value* value = layer.settings.find(setting.name);
      const auto why = value ? complaint(setting, *value) : std::optional<std::string>("it isn't set");
      if (!why) continue;
      are_valid = false;
      Diagnostic diagnostic = at(layer, Severity::Error, "setting", fmt::format("{}: {}.", layer.name, *why));
      diagnostic.setting = setting.name;
      diagnostic.actual = value ? to_text(*value) : std::string();
      diagnostic.fixes.push_back({fmt::format("Set {} to {}", setting.name, to_text(setting.fallback)),
                                  {SetSetting{network_.id, layer.id, setting.name, setting.fallback}}});
      diagnostics_.push_back(std::move(diagnostic));
    }
    for (const auto& [name, value] : layer.settings.values()) {
      if (find_spec(spec.settings, name)) continue;
      diagnostics_.push_back(at(layer, Severity::Warning, "unknown-setting",
                                fmt::format("{} has no setting “{}”; it is kept but does nothing.", layer.type, name)));
    }
    return are_valid;
  }

  void visit(const Layer& layer) {
    LayerReport& figures = report_.layers[layer.id];
    const LayerSpec* spec = find_layer_spec(layer.type);
    if (!spec || !check_settings(layer, *spec)) return;
    std::vector<CarriedField> fields;
    for (const auto& port : structure_.inputs[layer.id]) {
      const auto source = port ? report_.layers.find(port->layer) : report_.layers.end();
      if (source == report_.layers.end() || !source->second.is_valid) return;  // waits for what is upstream
      figures.inputs.push_back(source->second.outputs[static_cast<std::size_t>(port->port)]);
      fields.push_back(fields_.at(port->layer));
    }
    const LayerView view{layer.settings, figures.inputs};
    ShapeResult result = spec->shapes(view);
    if (const auto* problem = std::get_if<ShapeProblem>(&result)) {
      report_problem(layer, *problem, Severity::Error, "shape");
      return;
    }
    if (!check_elements(layer, *spec, figures)) return;
    figures.outputs = std::get<std::vector<Shape>>(std::move(result));
    if (layer.type == "Input") complete_from_data(figures.outputs.front());
    figures.is_valid = true;
    if (spec->warnings) {
      for (const ShapeProblem& warning : spec->warnings(view))
        report_problem(layer, warning, Severity::Warning, "unusual");
    }
    count(layer, *spec, view, figures);
    carry_field(layer, *spec, view, fields, figures);
  }

  /// Whether the inputs are the numbers that the layer takes; says what its outputs are.
  bool check_elements(const Layer& layer, const LayerSpec& spec, LayerReport& figures) {
    if (layer.type == "Input") figures.holds_integers = layer.settings.text("dtype") == "int64";
    const auto& ports = structure_.inputs[layer.id];
    for (std::size_t port = 0; port < ports.size(); ++port) {
      const PortRef source = *ports[port];
      const bool are_integers = report_.layers.at(source.layer).holds_integers;
      if (spec.elements == Elements::Any) {
        figures.holds_integers = are_integers;
        continue;
      }
      if (are_integers == (spec.elements == Elements::Indices)) continue;
      const char* const needed = are_integers ? "real numbers" : "whole numbers";
      Diagnostic diagnostic =
          at(layer, Severity::Error, "elements",
             fmt::format("{} takes {}; {} gives {}.", layer.name, needed, network_.find(source.layer)->name,
                         are_integers ? "whole ones (words): put an Embedding between" : "real ones"));
      diagnostic.port = static_cast<int>(port);
      diagnostic.expected = needed;
      diagnostic.actual = are_integers ? "whole numbers" : "real numbers";
      if (const Layer* from = network_.find(source.layer); from->type == "Input") {
        const std::string dtype = are_integers ? "float32" : "int64";
        diagnostic.fixes.push_back({fmt::format("Set {}.dtype to {}", from->name, dtype),
                                    {SetSetting{network_.id, from->id, "dtype", dtype}}});
      }
      diagnostics_.push_back(std::move(diagnostic));
      return false;
    }
    return true;
  }

  void complete_from_data(Shape& shape) const {
    if (!data_ || shape.is_known() || !shape.is_compatible_with(data_->sample_shape)) return;
    shape = data_->sample_shape;
  }

  void count(const Layer& layer, const LayerSpec& spec, const LayerView& view, LayerReport& figures) {
    if (spec.weights) figures.weights = spec.weights(view);
    figures.parameters = 0;
    for (const Weight& weight : figures.weights) {
      if (!weight.is_buffer) figures.parameters = checked_add(figures.parameters, weight.shape.elements());
    }
    figures.macs = spec.macs ? spec.macs(view, figures.outputs) : Dim(0);
    figures.output_bytes = 0;
    // Output hands on what it is given: it holds nothing of its own.
    for (const Shape& output : figures.outputs) {
      const Dim bytes = spec.outputs > 0 ? checked_multiply(output.elements(), float_bytes) : Dim(0);
      figures.output_bytes = checked_add(figures.output_bytes, bytes);
    }
    const bool is_known =
        std::all_of(figures.outputs.begin(), figures.outputs.end(), [](const Shape& s) { return s.is_known(); });
    if (is_known && (!figures.parameters || !figures.macs || !figures.output_bytes)) {
      diagnostics_.push_back(at(layer, Severity::Error, "too-large",
                                fmt::format("{} is too large: its figures don't fit 63 bits.", layer.name)));
    }
  }

  void carry_field(const Layer& layer, const LayerSpec& spec, const LayerView& view, std::vector<CarriedField>& fields,
                   LayerReport& figures) {
    if (fields.empty()) {
      fields_[layer.id] = field_of_input(figures.outputs.front());
    } else {
      for (std::size_t port = 0; port < fields.size(); ++port) {
        const auto windows = spec.window ? spec.window(view, port) : std::vector<AxisWindow>();
        fields[port] = carry(fields[port], windows, view.input(port), figures.outputs.front());
      }
      fields_[layer.id] = merge(fields);
    }
    figures.field = positions_of(fields_[layer.id]);
  }

  /// Of the axes of the input those along which positions lie: all but the channels', or the first where time is.
  ReceptiveField positions_of(const CarriedField& carried) const {
    const bool is_time_first = carried.size() < 3 && is_time_first_;
    return is_time_first ? summary_of(carried, 0, 1) : summary_of(carried, 1, carried.size());
  }

  /// Words come one after the other; and of time × features the first layer that minds the order knows which is which.
  bool finds_time_first() const {
    std::set<LayerId> untouched;
    for (const LayerId id : structure_.order) {
      const Layer& layer = *network_.find(id);
      const LayerSpec* spec = find_layer_spec(layer.type);
      if (!spec) continue;
      if (layer.type == "Input") {
        const std::size_t rank = layer.settings.integers("shape").size();
        if (rank == 1 && layer.settings.text("dtype") == "int64") return true;
        if (rank == 2) untouched.insert(id);
        continue;
      }
      const auto& ports = structure_.inputs.at(id);
      const bool reads = std::any_of(ports.begin(), ports.end(), [&](const std::optional<PortRef>& port) {
        return port && untouched.contains(port->layer);
      });
      if (!reads) continue;
      if (spec->features_last) return true;
      const bool minds_no_order = !spec->window;
      if (!minds_no_order) return false;
      untouched.insert(id);
    }
    return false;
  }

  Diagnostic at(const Layer& layer, Severity severity, const char* code, std::string message) const {
    return diagnostic_at(severity, code, network_.id, layer.id, std::move(message));
  }

  void report_problem(const Layer& layer, const ShapeProblem& problem, Severity severity, const char* code) {
    Diagnostic diagnostic = at(layer, severity, code, fmt::format("{}: {}", layer.name, problem.message));
    diagnostic.port = problem.port;
    diagnostic.setting = problem.setting;
    diagnostic.expected = problem.expected;
    diagnostic.actual = problem.actual;
    for (const FixHint& hint : problem.fixes) diagnostic.fixes.push_back(fix_from(layer, hint));
    diagnostics_.push_back(std::move(diagnostic));
  }

  Fix fix_from(const Layer& layer, const FixHint& hint) const {
    if (const auto* change = std::get_if<ChangeSetting>(&hint.action)) {
      return {hint.label, {SetSetting{network_.id, layer.id, change->setting, change->value}}};
    }
    const auto& insertion = std::get<InsertBefore>(hint.action);
    // The connection that the analysis followed: the port may have others, dangling ones too.
    const auto& ports = structure_.inputs.at(layer.id);
    const auto port = static_cast<std::size_t>(insertion.port);
    if (const auto from = port < ports.size() ? ports[port] : std::nullopt) {
      const Connection connection{*from, {layer.id, insertion.port}};
      const Layer* source = network_.find(connection.from.layer);
      const Point halfway{(source->position.x + layer.position.x) / 2, (source->position.y + layer.position.y) / 2};
      const Layer added = make_layer(network_, insertion.type, halfway, insertion.settings);
      return {hint.label, insert_on_connection(network_, connection, added)};
    }
    return {hint.label, {}};
  }

  void summarise() {
    std::vector<CarriedField> ends;
    for (const LayerId id : report_.order) {
      const LayerReport& figures = report_.layers[id];
      const std::string& type = network_.find(id)->type;
      if (!figures.is_valid || figures.outputs.empty()) continue;
      if (type == "Input" && report_.input.rank() == 0) report_.input = figures.outputs.front();
      if (type != "Output") continue;
      if (report_.output.rank() == 0) report_.output = figures.outputs.front();
      ends.push_back(fields_[id]);
    }
    if (!ends.empty()) report_.field = positions_of(merge(ends));
  }

  const Network& network_;
  const std::optional<DataDescription>& data_;
  std::vector<Diagnostic>& diagnostics_;
  Structure structure_;
  NetworkReport report_;
  bool is_time_first_ = false;
  std::map<LayerId, CarriedField> fields_;
};

}  // namespace

Report analyse(const Project& project) {
  Report report;
  const auto data = describe(project.data);
  std::set<std::string_view> names;
  for (const Network& network : project.networks) {
    if (const std::string why = name_complaint(network.name); !why.empty() || !names.insert(network.name).second) {
      report.diagnostics.push_back(
          diagnostic_at(Severity::Error, "network-name", network.id, {},
                        why.empty() ? fmt::format("Two networks are called “{}”.", network.name) : why));
    }
    report.networks.push_back(NetworkAnalysis(network, data, report.diagnostics).run(project.recipe));
  }
  check_task_fit(project, data, report);
  std::stable_sort(report.diagnostics.begin(), report.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.severity > b.severity; });
  return report;
}

std::optional<KnownLayer> known_layer(const Network& network, const NetworkReport& report, LayerId layer) {
  const Layer* found = network.find(layer);
  const LayerSpec* spec = found ? find_layer_spec(found->type) : nullptr;
  const auto figures = report.layers.find(layer);
  if (!spec || figures == report.layers.end() || !figures->second.is_valid) return std::nullopt;
  return KnownLayer{found, spec, &figures->second};
}

}  // namespace netwright
