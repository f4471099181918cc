#include "backend/run/event.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "backend/core/json_number.h"

namespace netwright {

namespace {

using Json = nlohmann::ordered_json;

/// Every field of a figure's description with its name in JSON.
template <class V, class F>
void each_part(V&& visit, F& figure) {
  visit("name", figure.name);
  visit("title", figure.title);
  visit("chart", figure.chart);
  visit("is_share", figure.is_share);
  visit("better", figure.better);
}

Json json_of(const FigureValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = json_number(value);
  return object;
}

Json json_of(const std::vector<LayerFigures>& layers) {
  Json object = Json::object();
  for (const LayerFigures& figures : layers) object[figures.layer] = json_of(figures.values);
  return object;
}

Json json_of(const std::vector<FigureSpec>& figures) {
  Json list = Json::array();
  for (const FigureSpec& figure : figures) {
    Json object;
    each_part([&object](const char* part, const auto& value) { object[part] = value; }, figure);
    list.push_back(std::move(object));
  }
  return list;
}

/// Reads fields leniently: what is missing keeps the event's default, a null number is NaN. Only a field of another
/// kind makes the line no event.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  bool are_well_formed() const { return are_well_formed_; }

  Fields& read(const char* name, std::string& value) {
    if (const Json* field = find(name, field_is_string)) value = field->get<std::string>();
    return *this;
  }
  Fields& read(const char* name, bool& value) {
    if (const Json* field = find(name, field_is_boolean)) value = field->get<bool>();
    return *this;
  }
  Fields& read(const char* name, std::int64_t& value) {
    if (const Json* field = find(name, field_is_integer)) value = field->get<std::int64_t>();
    return *this;
  }
  Fields& read(const char* name, int& value) {
    std::int64_t wide = value;
    read(name, wide);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) are_well_formed_ = false;
    value = static_cast<int>(wide);
    return *this;
  }
  Fields& read(const char* name, double& value) {
    const auto field = object_.find(name);
    if (field == object_.end()) return *this;
    if (field->is_null()) {
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (field->is_number()) {
      value = field->get<double>();
    } else {
      are_well_formed_ = false;
    }
    return *this;
  }
  Fields& read(const char* name, std::vector<std::string>& value) {
    if (const Json* field = find(name, field_is_array)) {
      for (const Json& entry : *field) {
        if (!entry.is_string()) return refuse();
        value.push_back(entry.get<std::string>());
      }
    }
    return *this;
  }
  Fields& read(const char* name, std::map<std::string, std::string>& value) {
    if (const Json* field = find(name, field_is_object)) {
      for (const auto& [key, entry] : field->items()) {
        if (!entry.is_string()) return refuse();
        value[key] = entry.get<std::string>();
      }
    }
    return *this;
  }
  Fields& read(const char* name, FigureValues& value) {
    if (const Json* field = find(name, field_is_object)) {
      for (const auto& [key, entry] : field->items()) {
        if (!entry.is_number() && !entry.is_null()) return refuse();
        value[key] = entry.is_null() ? std::numeric_limits<double>::quiet_NaN() : entry.get<double>();
      }
    }
    return *this;
  }
  Fields& read(const char* name, std::vector<LayerFigures>& value) {
    if (const Json* field = find(name, field_is_object)) {
      Fields layers(*field);
      for (const auto& entry : field->items()) {
        LayerFigures& figures = value.emplace_back();
        figures.layer = entry.key();
        layers.read(entry.key().c_str(), figures.values);
      }
      if (!layers.are_well_formed()) return refuse();
    }
    return *this;
  }
  Fields& read(const char* name, std::vector<FigureSpec>& value) {
    if (const Json* field = find(name, field_is_array)) {
      for (const Json& entry : *field) {
        if (!entry.is_object()) return refuse();
        Fields parts(entry);
        FigureSpec& spec = value.emplace_back();
        each_part([&parts](const char* part, auto& to) { parts.read(part, to); }, spec);
        if (!parts.are_well_formed()) return refuse();
      }
    }
    return *this;
  }
  Fields& read(const char* name, std::vector<std::vector<std::int64_t>>& value) {
    if (const Json* field = find(name, field_is_array)) {
      for (const Json& row : *field) {
        if (!row.is_array()) return refuse();
        auto& counts = value.emplace_back();
        for (const Json& count : row) {
          if (!count.is_number_integer()) return refuse();
          counts.push_back(count.get<std::int64_t>());
        }
      }
    }
    return *this;
  }

 private:
  using Test = bool (*)(const Json&);
  static bool field_is_string(const Json& field) { return field.is_string(); }
  static bool field_is_boolean(const Json& field) { return field.is_boolean(); }
  static bool field_is_integer(const Json& field) { return field.is_number_integer(); }
  static bool field_is_array(const Json& field) { return field.is_array(); }
  static bool field_is_object(const Json& field) { return field.is_object(); }

  const Json* find(const char* name, Test is_kind) {
    const auto field = object_.find(name);
    if (field == object_.end()) return nullptr;
    if (is_kind(*field)) return &*field;
    are_well_formed_ = false;
    return nullptr;
  }
  Fields& refuse() {
    are_well_formed_ = false;
    return *this;
  }

  const Json& object_;
  bool are_well_formed_ = true;
};

/// Every field of a kind with its name in JSON, once for writing and reading alike. `E` is the kind, const to write.
template <class V, class E>
void each_field(V&& visit, E& e) {
  using Kind = std::remove_const_t<E>;
  if constexpr (std::is_same_v<Kind, RunEvent>) {
    visit("schema", e.schema);
    visit("name", e.name);
    visit("started", e.started);
    visit("task", e.task);
    visit("network", e.network);
    visit("device", e.device);
    visit("epochs", e.epochs);
    visit("steps_per_epoch", e.steps_per_epoch);
    visit("train_samples", e.train_samples);
    visit("validation_samples", e.validation_samples);
    visit("test_samples", e.test_samples);
    visit("parameters", e.parameters);
    visit("data", e.data);
    visit("classes", e.classes);
    visit("figures", e.figures);
    visit("main_figure", e.main_figure);
    visit("limit_samples", e.limit_samples);
    visit("parent", e.parent);
    visit("environment", e.environment);
  } else if constexpr (std::is_same_v<Kind, MemoryEvent>) {
    visit("batch", e.batch);
    visit("peak_bytes", e.peak_bytes);
    visit("predicted_bytes", e.predicted_bytes);
  } else if constexpr (std::is_same_v<Kind, StepEvent>) {
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("figures", e.figures);
    visit("learning_rate", e.learning_rate);
    visit("samples_per_second", e.samples_per_second);
    visit("elapsed", e.elapsed);
  } else if constexpr (std::is_same_v<Kind, EpochEvent>) {
    visit("epoch", e.epoch);
    visit("step", e.step);
    visit("train", e.train);
    visit("held_out", e.held_out);
    visit("seconds", e.seconds);
    visit("samples_per_second", e.samples_per_second);
    visit("elapsed", e.elapsed);
  } else if constexpr (std::is_same_v<Kind, ConfusionEvent>) {
    visit("epoch", e.epoch);
    visit("counts", e.counts);
  } else if constexpr (std::is_same_v<Kind, CheckpointEvent>) {
    visit("file", e.file);
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("is_best", e.is_best);
  } else if constexpr (std::is_same_v<Kind, SampleEvent>) {
    visit("kind", e.kind);
    visit("file", e.file);
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("rows", e.rows);
    visit("columns", e.columns);
  } else if constexpr (std::is_same_v<Kind, AlarmEvent>) {
    visit("kind", e.kind);
    visit("text", e.text);
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("is_over", e.is_over);
  } else if constexpr (std::is_same_v<Kind, CommandEvent>) {
    visit("step", e.step);  // the command's own fields are command.h's
  } else if constexpr (std::is_same_v<Kind, LayersEvent>) {
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("layers", e.layers);
  } else if constexpr (std::is_same_v<Kind, MessageEvent>) {
    visit("severity", e.severity);
    visit("text", e.text);
  } else {
    static_assert(std::is_same_v<Kind, DoneEvent>);
    visit("reason", e.reason);
    visit("message", e.message);
    visit("test", e.test);
    visit("best", e.best);
    visit("best_epoch", e.best_epoch);
    visit("epochs", e.epochs);
    visit("elapsed", e.elapsed);
  }
}

template <class Kind>
constexpr const char* event_name = nullptr;
template <>
constexpr const char* event_name<RunEvent> = "run";
template <>
constexpr const char* event_name<StepEvent> = "step";
template <>
constexpr const char* event_name<EpochEvent> = "epoch";
template <>
constexpr const char* event_name<ConfusionEvent> = "confusion";
template <>
constexpr const char* event_name<CheckpointEvent> = "checkpoint";
template <>
constexpr const char* event_name<SampleEvent> = "sample";
template <>
constexpr const char* event_name<AlarmEvent> = "alarm";
template <>
constexpr const char* event_name<CommandEvent> = "command";
template <>
constexpr const char* event_name<MemoryEvent> = "memory";
template <>
constexpr const char* event_name<LayersEvent> = "layers";
template <>
constexpr const char* event_name<MessageEvent> = "message";
template <>
constexpr const char* event_name<DoneEvent> = "done";

template <class Kind>
Json to_json(const Kind& event) {
  Json object = {{"event", event_name<Kind>}};
  each_field(
      [&object](const char* name, const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
          object[name] = json_number(value);
        } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, FigureValues> ||
                             std::is_same_v<std::decay_t<decltype(value)>, std::vector<FigureSpec>> ||
                             std::is_same_v<std::decay_t<decltype(value)>, std::vector<LayerFigures>>) {
          object[name] = json_of(value);
        } else {
          object[name] = value;
        }
      },
      event);
  if constexpr (std::is_same_v<Kind, CommandEvent>) object.update(Json::parse(to_line(event.command)));
  return object;
}

template <class Kind>
std::optional<Event> read_event(const Json& object) {
  Kind event;
  Fields fields(object);
  each_field([&fields](const char* name, auto& value) { fields.read(name, value); }, event);
  if (!fields.are_well_formed()) return std::nullopt;
  return event;
}

template <>
std::optional<Event> read_event<CommandEvent>(const Json& object) {
  CommandEvent event;
  Fields fields(object);
  each_field([&fields](const char* name, auto& value) { fields.read(name, value); }, event);
  Json line;
  for (const auto& [name, field] : object.items()) {
    if (field.is_primitive()) line[name] = field;  // a record may hold nests that are too deep to write again
  }
  std::string why;
  const auto command = command_from_line(line.dump(), why);
  if (!fields.are_well_formed() || !command) return std::nullopt;
  event.command = *command;
  return event;
}

/// Takes `from` out of the object and puts it into its member `group` as `to`.
void regroup(Json& object, const char* from, const char* group, const char* to) {
  const auto field = object.find(from);
  if (field == object.end()) return;
  object[group][to] = *field;
  object.erase(from);
}

/// Schema 1 knew loss and accuracy alone, each a field of its own.
void bring_up_to_date(Json& object, const std::string& name) {
  if (name == event_name<RunEvent> && !object.contains("figures")) {
    object["figures"] = json_of(std::vector<FigureSpec>{{"loss", "Loss", "Loss", false, "lower"},
                                                        {"accuracy", "Accuracy", "Accuracy", true, "higher"}});
    object["main_figure"] = "accuracy";
  } else if (name == event_name<StepEvent>) {
    regroup(object, "loss", "figures", "loss");
    regroup(object, "accuracy", "figures", "accuracy");
  } else if (name == event_name<EpochEvent>) {
    regroup(object, "train_loss", "train", "loss");
    regroup(object, "train_accuracy", "train", "accuracy");
    regroup(object, "test_loss", "held_out", "loss");
    regroup(object, "test_accuracy", "held_out", "accuracy");
  } else if (name == event_name<DoneEvent>) {
    regroup(object, "test_loss", "test", "loss");
    regroup(object, "test_accuracy", "test", "accuracy");
    if (object.contains("best_accuracy")) object["best"] = object["best_accuracy"];
  }
}

/// The event of the kind so named; nothing where there is none.
template <class... Kinds>
std::optional<Event> read_named(const Json& object, const std::string& name, std::variant<Kinds...>* /*of*/) {
  std::optional<Event> event;
  (void)((name == event_name<Kinds> && ((event = read_event<Kinds>(object)), true)) || ...);
  return event;
}

}  // namespace

std::string to_line(const Event& event) {
  // Names and messages may hold bytes of the file system that aren't UTF-8: they are replaced, not thrown over.
  return std::visit([](const auto& kind) { return to_json(kind); }, event)
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Event> event_from_line(std::string_view line) {
  Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto kind = object.find("event");
  if (kind == object.end() || !kind->is_string()) return std::nullopt;
  const auto name = kind->get<std::string>();
  bring_up_to_date(object, name);
  return read_named(object, name, static_cast<Event*>(nullptr));
}

std::vector<std::string> LineBuffer::add(std::string_view chunk) {
  std::vector<std::string> lines;
  for (;;) {
    const auto end = chunk.find('\n');
    rest_.append(chunk.substr(0, end));
    if (end == std::string_view::npos) return lines;
    lines.push_back(std::exchange(rest_, {}));
    chunk.remove_prefix(end + 1);
  }
}

}  // namespace netwright
