#include "backend/run/metrics_csv.h"

#include <algorithm>

#include "backend/core/csv_text.h"

namespace netwright {

namespace {

using FigureNames = std::vector<std::string>;

void add_figure_name(FigureNames& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

/// Those that have a value anywhere in the run, in the order in which the run announced them, then as they come.
struct MeasuredFigures {
  FigureNames train;
  FigureNames held_out;

  explicit MeasuredFigures(const std::vector<Event>& events) {
    FigureNames announced;
    for (const Event& event : events) {
      if (const auto* run = std::get_if<RunEvent>(&event)) {
        for (const FigureSpec& figure : run->figures) add_figure_name(announced, figure.name);
      } else if (const auto* step = std::get_if<StepEvent>(&event)) {
        for (const auto& [name, value] : step->figures) add_figure_name(train, name);
      } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
        for (const auto& [name, value] : epoch->train) add_figure_name(train, name);
        for (const auto& [name, value] : epoch->held_out) add_figure_name(held_out, name);
      }
    }
    for (FigureNames* names : {&train, &held_out}) {
      std::stable_sort(names->begin(), names->end(), [&](const std::string& a, const std::string& b) {
        return std::find(announced.begin(), announced.end(), a) < std::find(announced.begin(), announced.end(), b);
      });
    }
  }
};

void add_values(std::vector<std::string>& row, const FigureNames& names, const FigureValues& values) {
  for (const std::string& name : names) {
    const auto value = values.find(name);
    row.push_back(value == values.end() ? std::string() : csv_number(value->second));
  }
}

}  // namespace

std::string metrics_csv(const std::vector<Event>& events) {
  const MeasuredFigures figures(events);
  std::vector<std::string> header{"kind", "step", "epoch", "elapsed", "learning_rate", "samples_per_second"};
  header.insert(header.end(), figures.train.begin(), figures.train.end());
  for (const std::string& name : figures.held_out) header.push_back("held_out_" + name);
  std::string text = csv_row(header);
  for (const Event& event : events) {
    std::vector<std::string> row;
    if (const auto* step = std::get_if<StepEvent>(&event)) {
      row = {"step",
             std::to_string(step->step),
             csv_number(step->epoch),
             csv_number(step->elapsed),
             csv_number(step->learning_rate),
             csv_number(step->samples_per_second)};
      add_values(row, figures.train, step->figures);
      add_values(row, figures.held_out, {});
    } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
      row = {"epoch", std::to_string(epoch->step),          std::to_string(epoch->epoch), csv_number(epoch->elapsed),
             "",      csv_number(epoch->samples_per_second)};
      add_values(row, figures.train, epoch->train);
      add_values(row, figures.held_out, epoch->held_out);
    } else {
      continue;
    }
    text += csv_row(row);
  }
  return text;
}

}  // namespace netwright
