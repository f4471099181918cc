#include "backend/run/event.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace netwright {

namespace {

using Json = nlohmann::ordered_json;

/// Null for what JSON can't hold.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
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
    visit("test_samples", e.test_samples);
    visit("parameters", e.parameters);
    visit("classes", e.classes);
    visit("environment", e.environment);
  } else if constexpr (std::is_same_v<Kind, MemoryEvent>) {
    visit("batch", e.batch);
    visit("peak_bytes", e.peak_bytes);
    visit("predicted_bytes", e.predicted_bytes);
  } else if constexpr (std::is_same_v<Kind, StepEvent>) {
    visit("step", e.step);
    visit("epoch", e.epoch);
    visit("loss", e.loss);
    visit("accuracy", e.accuracy);
    visit("learning_rate", e.learning_rate);
    visit("samples_per_second", e.samples_per_second);
    visit("elapsed", e.elapsed);
  } else if constexpr (std::is_same_v<Kind, EpochEvent>) {
    visit("epoch", e.epoch);
    visit("step", e.step);
    visit("train_loss", e.train_loss);
    visit("train_accuracy", e.train_accuracy);
    visit("test_loss", e.test_loss);
    visit("test_accuracy", e.test_accuracy);
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
  } else if constexpr (std::is_same_v<Kind, CommandEvent>) {
    visit("step", e.step);  // the command's own fields are command.h's
  } else if constexpr (std::is_same_v<Kind, MessageEvent>) {
    visit("severity", e.severity);
    visit("text", e.text);
  } else {
    static_assert(std::is_same_v<Kind, DoneEvent>);
    visit("reason", e.reason);
    visit("message", e.message);
    visit("test_loss", e.test_loss);
    visit("test_accuracy", e.test_accuracy);
    visit("best_accuracy", e.best_accuracy);
    visit("epochs", e.epochs);
    visit("elapsed", e.elapsed);
  }
}

template <class Kind>
constexpr const char* name_of = nullptr;
template <>
constexpr const char* name_of<RunEvent> = "run";
template <>
constexpr const char* name_of<StepEvent> = "step";
template <>
constexpr const char* name_of<EpochEvent> = "epoch";
template <>
constexpr const char* name_of<ConfusionEvent> = "confusion";
template <>
constexpr const char* name_of<CheckpointEvent> = "checkpoint";
template <>
constexpr const char* name_of<CommandEvent> = "command";
template <>
constexpr const char* name_of<MemoryEvent> = "memory";
template <>
constexpr const char* name_of<MessageEvent> = "message";
template <>
constexpr const char* name_of<DoneEvent> = "done";

template <class Kind>
Json to_json(const Kind& event) {
  Json object = {{"event", name_of<Kind>}};
  each_field(
      [&object](const char* name, const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
          object[name] = number(value);
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
  for (const char* name : {"command", "learning_rate"}) {
    const auto field = object.find(name);
    if (field != object.end() && field->is_primitive()) line[name] = *field;
  }
  std::string why;
  const auto command = command_from_line(line.dump(), why);
  if (!fields.are_well_formed() || !command) return std::nullopt;
  event.command = *command;
  return event;
}

/// The event of the kind so named; nothing where there is none.
template <class... Kinds>
std::optional<Event> read_named(const Json& object, const std::string& name, std::variant<Kinds...>* /*of*/) {
  std::optional<Event> event;
  (void)((name == name_of<Kinds> && ((event = read_event<Kinds>(object)), true)) || ...);
  return event;
}

}  // namespace

std::string to_line(const Event& event) {
  // Names and messages may hold bytes of the file system that aren't UTF-8: they are replaced, not thrown over.
  return std::visit([](const auto& kind) { return to_json(kind); }, event)
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Event> event_from_line(std::string_view line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto kind = object.find("event");
  if (kind == object.end() || !kind->is_string()) return std::nullopt;
  const auto& name = kind->get_ref<const std::string&>();
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
