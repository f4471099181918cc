#include "backend/sweep/pareto.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace netwright {

namespace {

/// With every direction turned so that less is better.
std::vector<double> turned(std::vector<double> point, const std::vector<Better>& directions) {
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (directions[i] == Better::Higher) point[i] = -point[i];
  }
  return point;
}

bool beats(const std::vector<double>& a, const std::vector<double>& b) {
  bool is_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    is_better = is_better || a[i] < b[i];
  }
  return is_better;
}

}  // namespace

std::vector<bool> pareto_front(const std::vector<std::vector<double>>& points, const std::vector<Better>& directions) {
  std::vector<std::size_t> order;
  std::vector<std::vector<double>> costs;
  for (const std::vector<double>& point : points) {
    costs.push_back(turned(point, directions));
    const bool is_known = std::all_of(point.begin(), point.end(), [](double x) { return std::isfinite(x); });
    if (is_known) order.push_back(costs.size() - 1);
  }
  // In lexical order whatever beats a point stands before it, and so does something on the front that does.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  std::vector<bool> is_on_front(points.size(), false);
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool is_beaten = std::any_of(front.begin(), front.end(),
                                       [&](std::size_t other) { return beats(costs[other], costs[candidate]); });
    if (is_beaten) continue;
    front.push_back(candidate);
    is_on_front[candidate] = true;
  }
  return is_on_front;
}

}  // namespace netwright
