#include "backend/run/event.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
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

Json to_json(const RunEvent& e) {
  return {{"event", "run"},
          {"schema", e.schema},
          {"name", e.name},
          {"started", e.started},
          {"task", e.task},
          {"network", e.network},
          {"device", e.device},
          {"epochs", e.epochs},
          {"steps_per_epoch", e.steps_per_epoch},
          {"train_samples", e.train_samples},
          {"test_samples", e.test_samples},
          {"parameters", e.parameters},
          {"classes", e.classes},
          {"environment", e.environment}};
}

Json to_json(const StepEvent& e) {
  return {{"event", "step"},
          {"step", e.step},
          {"epoch", number(e.epoch)},
          {"loss", number(e.loss)},
          {"accuracy", number(e.accuracy)},
          {"learning_rate", number(e.learning_rate)},
          {"samples_per_second", number(e.samples_per_second)},
          {"elapsed", number(e.elapsed)}};
}

Json to_json(const EpochEvent& e) {
  return {{"event", "epoch"},
          {"epoch", e.epoch},
          {"step", e.step},
          {"train_loss", number(e.train_loss)},
          {"train_accuracy", number(e.train_accuracy)},
          {"test_loss", number(e.test_loss)},
          {"test_accuracy", number(e.test_accuracy)},
          {"seconds", number(e.seconds)},
          {"samples_per_second", number(e.samples_per_second)},
          {"elapsed", number(e.elapsed)}};
}

Json to_json(const ConfusionEvent& e) {
  return {{"event", "confusion"}, {"epoch", e.epoch}, {"counts", e.counts}};
}

Json to_json(const CheckpointEvent& e) {
  return {{"event", "checkpoint"}, {"file", e.file}, {"step", e.step}, {"epoch", e.epoch}, {"is_best", e.is_best}};
}

Json to_json(const CommandEvent& e) {
  Json object = {{"event", "command"}, {"step", e.step}};
  object.update(Json::parse(to_line(e.command)));
  return object;
}

Json to_json(const MessageEvent& e) {
  return {{"event", "message"}, {"severity", e.severity}, {"text", e.text}};
}

Json to_json(const DoneEvent& e) {
  return {{"event", "done"},
          {"reason", e.reason},
          {"message", e.message},
          {"test_loss", number(e.test_loss)},
          {"test_accuracy", number(e.test_accuracy)},
          {"best_accuracy", number(e.best_accuracy)},
          {"epochs", e.epochs},
          {"elapsed", number(e.elapsed)}};
}

void read(Fields& fields, RunEvent& e) {
  fields.read("schema", e.schema)
      .read("name", e.name)
      .read("started", e.started)
      .read("task", e.task)
      .read("network", e.network)
      .read("device", e.device)
      .read("epochs", e.epochs)
      .read("steps_per_epoch", e.steps_per_epoch)
      .read("train_samples", e.train_samples)
      .read("test_samples", e.test_samples)
      .read("parameters", e.parameters)
      .read("classes", e.classes)
      .read("environment", e.environment);
}

void read(Fields& fields, StepEvent& e) {
  fields.read("step", e.step)
      .read("epoch", e.epoch)
      .read("loss", e.loss)
      .read("accuracy", e.accuracy)
      .read("learning_rate", e.learning_rate)
      .read("samples_per_second", e.samples_per_second)
      .read("elapsed", e.elapsed);
}

void read(Fields& fields, EpochEvent& e) {
  fields.read("epoch", e.epoch)
      .read("step", e.step)
      .read("train_loss", e.train_loss)
      .read("train_accuracy", e.train_accuracy)
      .read("test_loss", e.test_loss)
      .read("test_accuracy", e.test_accuracy)
      .read("seconds", e.seconds)
      .read("samples_per_second", e.samples_per_second)
      .read("elapsed", e.elapsed);
}

void read(Fields& fields, ConfusionEvent& e) {
  fields.read("epoch", e.epoch).read("counts", e.counts);
}

void read(Fields& fields, CheckpointEvent& e) {
  fields.read("file", e.file).read("step", e.step).read("epoch", e.epoch).read("is_best", e.is_best);
}

void read(Fields& fields, MessageEvent& e) {
  fields.read("severity", e.severity).read("text", e.text);
}

void read(Fields& fields, DoneEvent& e) {
  fields.read("reason", e.reason)
      .read("message", e.message)
      .read("test_loss", e.test_loss)
      .read("test_accuracy", e.test_accuracy)
      .read("best_accuracy", e.best_accuracy)
      .read("epochs", e.epochs)
      .read("elapsed", e.elapsed);
}

template <class Kind>
std::optional<Event> read_event(const Json& object) {
  Kind event;
  Fields fields(object);
  read(fields, event);
  if (!fields.are_well_formed()) return std::nullopt;
  return event;
}

template <>
std::optional<Event> read_event<CommandEvent>(const Json& object) {
  CommandEvent event;
  Fields fields(object);
  fields.read("step", event.step);
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
  if (name == "run") return read_event<RunEvent>(object);
  if (name == "step") return read_event<StepEvent>(object);
  if (name == "epoch") return read_event<EpochEvent>(object);
  if (name == "confusion") return read_event<ConfusionEvent>(object);
  if (name == "checkpoint") return read_event<CheckpointEvent>(object);
  if (name == "command") return read_event<CommandEvent>(object);
  if (name == "message") return read_event<MessageEvent>(object);
  if (name == "done") return read_event<DoneEvent>(object);
  return std::nullopt;
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
