#include "backend/data/legend_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "backend/core/json_reader.h"
#include "backend/core/safe_file.h"
#include "backend/data/normalisation.h"

namespace netwright {

namespace {

constexpr DocumentFormat legend_format = {"netwright-data", 1};
constexpr std::size_t largest_legend = std::size_t{256} << 20;
constexpr std::size_t most_axes = 16;
constexpr std::int64_t longest_axis = std::int64_t{1} << 40;

constexpr std::array<std::pair<TargetKind, const char*>, 5> target_kinds = {{{TargetKind::None, "none"},
                                                                             {TargetKind::Class, "class"},
                                                                             {TargetKind::Labels, "labels"},
                                                                             {TargetKind::Values, "values"},
                                                                             {TargetKind::Mask, "mask"}}};

Json shape_json(const Shape& shape) {
  Json json = Json::array();
  for (const Dim& dim : shape.dims()) json.push_back(dim ? Json(*dim) : Json());
  return json;
}

Shape read_shape(const JsonReader& json) {
  std::vector<Dim> dims;
  json.each([&](const JsonReader& item) {
    if (item.is_null()) {
      dims.emplace_back();
      return;
    }
    dims.emplace_back(item.integer());
    if (*dims.back() < 1 || *dims.back() > longest_axis) throw Malformed{item.place() + " must be a size, 1 or more"};
  });
  if (dims.size() > most_axes) throw Malformed{fmt::format("{} has {} axes", json.place(), dims.size())};
  return Shape(std::move(dims));
}

/// A float as a double has the same value, and doubles are written with as many digits as tell them apart.
Json normalisation_json(const Normalisation& by) {
  return {{"scale", by.scale}, {"mean", by.mean}, {"deviation", by.deviation}, {"axis", by.axis}};
}

std::vector<float> read_floats(const JsonReader& json) {
  std::vector<float> list;
  json.each([&](const JsonReader& item) { list.push_back(static_cast<float>(item.real())); });
  return list;
}

Normalisation read_normalisation(const JsonReader& json, const Shape& sample) {
  Normalisation by;
  by.scale = static_cast<float>(json.at("scale").real());
  by.mean = read_floats(json.at("mean"));
  by.deviation = read_floats(json.at("deviation"));
  const std::int64_t axis = json.at("axis").integer();
  if (axis < 0 || axis >= static_cast<std::int64_t>(most_axes)) throw Malformed{json.place() + ".axis can't be"};
  by.axis = static_cast<int>(axis);
  if (const auto why = complaint(by, sample)) throw Malformed{fmt::format("{}: {}", json.place(), *why)};
  return by;
}

TargetKind read_target(const JsonReader& json) {
  const std::string name = json.text();
  for (const auto& [kind, word] : target_kinds) {
    if (name == word) return kind;
  }
  throw Malformed{fmt::format("{} is “{}”, which isn't a kind of target", json.place(), name)};
}

Vocabulary read_vocabulary(const JsonReader& json) {
  Vocabulary vocabulary;
  vocabulary.tokens = json.at("tokens").texts();
  vocabulary.is_by_character = json.at("is_by_character").flag();
  vocabulary.is_lower_case = json.at("is_lower_case").flag();
  vocabulary.keeps_last = json.at("keeps_last").flag();
  const auto& tokens = vocabulary.tokens;
  if (!tokens.empty() && (tokens.size() < 2 || tokens[0] != "<pad>" || tokens[1] != "<unk>")) {
    throw Malformed{json.place() + ".tokens must begin with \"<pad>\" and \"<unk>\""};
  }
  return vocabulary;
}

/// The values of one target along its last axis are normalised; a target that is one number has no axis.
Shape normalised_part(const Shape& target) {
  return target.rank() == 0 ? Shape{1} : target;
}

Legend read_members(const JsonReader& json) {
  Legend legend;
  legend.name = json.at("name").text();
  legend.sample_shape = read_shape(json.at("sample_shape"));
  legend.target = read_target(json.at("target"));
  legend.target_shape = read_shape(json.at("target_shape"));
  legend.classes = json.at("classes").texts();
  legend.target_names = json.at("target_names").texts();
  legend.feature_names = json.at("feature_names").texts();
  legend.vocabulary = read_vocabulary(json.at("vocabulary"));
  legend.normalisation = read_normalisation(json.at("normalisation"), legend.sample_shape);
  legend.target_normalisation =
      read_normalisation(json.at("target_normalisation"), normalised_part(legend.target_shape));
  return legend;
}

}  // namespace

std::string to_json(const Legend& legend) {
  const auto* target = std::find_if(target_kinds.begin(), target_kinds.end(),
                                    [&](const auto& kind) { return kind.first == legend.target; });
  const Vocabulary& vocabulary = legend.vocabulary;
  return pretty({{"format", legend_format.name},
                 {"version", legend_format.version},
                 {"name", legend.name},
                 {"sample_shape", shape_json(legend.sample_shape)},
                 {"target", target->second},
                 {"target_shape", shape_json(legend.target_shape)},
                 {"classes", legend.classes},
                 {"target_names", legend.target_names},
                 {"feature_names", legend.feature_names},
                 {"vocabulary",
                  {{"tokens", vocabulary.tokens},
                   {"is_by_character", vocabulary.is_by_character},
                   {"is_lower_case", vocabulary.is_lower_case},
                   {"keeps_last", vocabulary.keeps_last}}},
                 {"normalisation", normalisation_json(legend.normalisation)},
                 {"target_normalisation", normalisation_json(legend.target_normalisation)}});
}

Result<Legend> legend_from_json(const std::string& text, const std::string& origin) {
  return read_document(text, origin, legend_format, read_members);
}

Result<void> write_legend(const Legend& legend, const std::filesystem::path& path) {
  return write_file(path, to_json(legend));
}

Result<Legend> read_legend(const std::filesystem::path& path) {
  const auto text = read_file(path, largest_legend);
  if (!text) return text.error();
  return legend_from_json(*text, path.string());
}

}  // namespace netwright
