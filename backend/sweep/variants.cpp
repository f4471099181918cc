#include "backend/sweep/variants.h"

#include <algorithm>
#include <numeric>

#include "backend/analysis/analyse.h"
#include "backend/analysis/training_mistakes.h"
#include "backend/core/numbers.h"
#include "backend/graph/task_networks.h"
#include "backend/sweep/variable_setting.h"

namespace netwright {

namespace {

Size size_of(const Project& project, const Report& report) {
  Size size{0, 0};
  for (const Network* network : networks_of_task(project)) {
    const NetworkReport* found = report.find(network->id);
    size.parameters = checked_add(size.parameters, found ? found->totals.parameters : Dim());
    size.macs = checked_add(size.macs, found ? found->totals.macs : Dim());
  }
  return size;
}

/// Another optimiser or schedule takes its settings' defaults along, so those are chosen first.
std::vector<std::size_t> order_of_axes(const Sweep& sweep) {
  std::vector<std::size_t> order(sweep.axes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t axis) { return setting_name(sweep.axes[axis].setting) == "type"; });
  return order;
}

}  // namespace

Size size_of(const Project& project) {
  return size_of(project, analyse(project));
}

Result<std::vector<Variant>> variants_of(const Project& project, const Sweep& sweep,
                                         const std::function<bool()>& stop) {
  const auto whole = checked(project, sweep);
  if (!whole) return whole.error();
  const std::vector<std::size_t> order = order_of_axes(*whole);
  std::vector<Variant> variants;
  for (std::vector<Value>& values : combinations(project, *whole)) {
    if (stop && stop()) break;
    Variant variant{static_cast<int>(variants.size()), std::move(values), project, {}, {}, {}};
    for (const std::size_t axis : order) {
      if (variant.mistake) break;
      if (const auto set = set_variable(variant.project, whole->axes[axis].setting, variant.values[axis]); !set) {
        variant.mistake = diagnostic_at(Severity::Error, "sweep-setting", {}, {}, set.error().message);
        variant.mistake->setting = whole->axes[axis].setting;
      }
    }
    if (!variant.mistake) {
      const Report report = analyse(variant.project);
      const Size size = size_of(variant.project, report);
      variant.parameters = size.parameters;
      variant.macs = size.macs;
      const auto mistakes = training_mistakes(report, networks_of_task(variant.project));
      if (!mistakes.empty()) {
        variant.mistake = *mistakes.front();
        variant.mistake->message = named_message(*mistakes.front(), variant.project);
      }
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace netwright
