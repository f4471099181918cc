#include "backend/engine/training_progress.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/core/json_number.h"

namespace netwright {

namespace {

using Json = nlohmann::ordered_json;

double exact(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Json list_of(const Sums& sums) {
  Json list = Json::array();
  for (const double sum : sums) list.push_back(json_number(sum));
  return list;
}

Sums sums_of(const Json& list) {
  Sums sums;
  for (const Json& sum : list) sums.push_back(exact(sum));
  return sums;
}

}  // namespace

std::string to_text(const TrainingProgress& progress) {
  Json held_out = Json::object();
  for (const auto& [name, value] : progress.held_out) held_out[name] = json_number(value);
  return Json{{"epochs", progress.epochs},
              {"epoch", progress.epoch},
              {"batch", progress.batch},
              {"step", progress.step},
              {"epochs_done", progress.epochs_done},
              {"best", json_number(progress.best)},
              {"best_epoch", progress.best_epoch},
              {"held_out", held_out},
              {"training", list_of(progress.training)},
              {"shown", list_of(progress.shown)},
              {"elapsed", progress.elapsed},
              {"events", progress.events},
              {"is_told", progress.is_told}}
      .dump();
}

Result<TrainingProgress> progress_from_text(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    TrainingProgress progress{.epochs = json.at("epochs").get<int>(),
                              .epoch = json.at("epoch").get<int>(),
                              .batch = json.at("batch").get<std::int64_t>(),
                              .step = json.at("step").get<std::int64_t>(),
                              .epochs_done = json.at("epochs_done").get<int>(),
                              .best = exact(json.at("best")),
                              .best_epoch = json.at("best_epoch").get<int>(),
                              .held_out = {},
                              .training = sums_of(json.at("training")),
                              .shown = sums_of(json.at("shown")),
                              .elapsed = json.at("elapsed").get<double>(),
                              .events = json.at("events").get<std::int64_t>(),
                              .is_told = json.at("is_told").get<bool>()};
    for (const auto& [name, value] : json.at("held_out").items()) progress.held_out[name] = exact(value);
    return progress;
  } catch (const nlohmann::json::exception&) {
    return Error{"it doesn't say where training stood; it may be of another version of Netwright, or weights alone"};
  }
}

}  // namespace netwright
