#pragma once
// The best trade-offs: those that nothing beats in one thing without being worse in another.

#include <vector>

namespace netwright {

enum class Better { Lower, Higher };

/// Whether each point is on the Pareto front: no other is at least as good in every direction and better in one. Equal
/// points are on it together; a point with a number that isn't finite never is, and beats nothing. `directions`: one
/// for each number of a point.
std::vector<bool> pareto_front(const std::vector<std::vector<double>>& points, const std::vector<Better>& directions);

}  // namespace netwright
