#include "backend/core/json_reader.h"

namespace netwright {

namespace {

constexpr std::size_t depth_limit = 64;

}  // namespace

JsonReader JsonReader::at(const char* key) const {
  object();
  const auto it = json_.find(key);
  if (it == json_.end()) throw Malformed{fmt::format("{} has no “{}”", place(), key)};
  return JsonReader(*it, path_.empty() ? key : path_ + "." + key);
}

bool JsonReader::has(const char* key) const {
  object();
  return json_.contains(key);
}

std::string JsonReader::text() const {
  if (!json_.is_string()) throw Malformed{place() + " must be text"};
  return json_.get<std::string>();
}

std::vector<std::string> JsonReader::texts() const {
  std::vector<std::string> list;
  each([&list](const JsonReader& item) { list.push_back(item.text()); });
  return list;
}

std::int64_t JsonReader::integer() const {
  const auto value = value_from_json(json_);
  const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  if (!number) throw Malformed{place() + " must be a whole number"};
  return *number;
}

double JsonReader::real() const {
  if (!json_.is_number()) throw Malformed{place() + " must be a number"};
  return json_.get<double>();
}

bool JsonReader::flag() const {
  if (!json_.is_boolean()) throw Malformed{place() + " must be true or false"};
  return json_.get<bool>();
}

Integers JsonReader::integers(std::size_t count) const {
  const auto value = value_from_json(json_);
  const auto* list = value ? std::get_if<Integers>(&*value) : nullptr;
  if (!list || list->size() != count) throw Malformed{fmt::format("{} must be {} whole numbers", place(), count)};
  return *list;
}

Reals JsonReader::reals(std::size_t count) const {
  Reals list;
  each([&list](const JsonReader& item) { list.push_back(item.real()); });
  if (list.size() != count) throw Malformed{fmt::format("{} must be {} numbers", place(), count)};
  return list;
}

Value JsonReader::value() const {
  auto value = value_from_json(json_);
  if (!value) throw Malformed{place() + " must be a number, a word, true, false, or a list of numbers"};
  return *std::move(value);
}

void JsonReader::object() const {
  if (!json_.is_object()) throw Malformed{place() + " must be an object"};
}

Json parse_document(const std::string& text, const DocumentFormat& format) {
  Json json;
  try {
    json = Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
      if (static_cast<std::size_t>(depth) > depth_limit) throw Malformed{"it is nested too deeply"};
      return true;
    });
  } catch (const Json::parse_error& error) {
    throw Malformed{fmt::format("isn't valid JSON at byte {}: {}", error.byte, error.what())};
  }
  const auto named = json.is_object() ? json.find("format") : json.end();
  if (named == json.end() || *named != format.name) {
    throw Malformed{fmt::format("it isn't a Netwright file (no \"format\": \"{}\")", format.name)};
  }
  const std::int64_t version = JsonReader(json, "").at("version").integer();
  if (version > format.version) {
    throw Malformed{fmt::format("it has version {}, this Netwright reads up to {}; open it with a newer Netwright",
                                version, format.version)};
  }
  if (version < 1) throw Malformed{fmt::format("version {} doesn't exist", version)};
  return json;
}

}  // namespace netwright
