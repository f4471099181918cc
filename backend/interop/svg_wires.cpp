#include "backend/interop/svg_wires.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "backend/graph/drawing_size.h"

namespace netwright {

namespace {

/// A shorter wire has no room for a node between its ends.
constexpr double long_wire = 120;
/// A wire that keeps to a lane leaves and arrives close to its nodes, above and below what is written between rows.
constexpr double lane_gap = 11;
constexpr double lane_corner = 14;

/// What stands between `left` and `right` on the wire's way, as one box.
std::optional<SvgBox> blocked(const std::vector<SvgBox>& nodes, Point from, Point to, double left, double right) {
  std::optional<SvgBox> all;
  for (const SvgBox& node : nodes) {
    const bool is_beside = node.right < left - 4 || node.left > right + 4;
    if (is_beside || node.bottom < from.y + 8 || node.top > to.y - 8) continue;
    if (!all) all = node;
    all->left = std::min(all->left, node.left);
    all->right = std::max(all->right, node.right);
  }
  return all;
}

/// The x that a wire keeps to; nothing where its way is free.
std::optional<double> lane_around(const std::vector<SvgBox>& nodes, Point from, Point to) {
  if (to.y - from.y < long_wire) return std::nullopt;
  const auto first = blocked(nodes, from, to, std::min(from.x, to.x), std::max(from.x, to.x));
  if (!first) return std::nullopt;
  // Longer wires keep further out, so that nested ones don't lie on each other.
  const double spread = 14 + 5 * std::min((to.y - from.y) / row_step, 6.0);
  const auto clear_lane = [&](bool to_the_right) {
    SvgBox box = *first;
    double lane = 0;
    for (int attempt = 0; attempt < 6; ++attempt) {
      lane = to_the_right ? box.right + spread : box.left - spread;
      const auto more = blocked(nodes, from, to, lane, lane);
      if (!more) break;
      box.left = std::min(box.left, more->left);
      box.right = std::max(box.right, more->right);
    }
    return lane;
  };
  const double left = clear_lane(false);
  const double right = clear_lane(true);
  const auto detour = [&](double lane) { return std::abs(lane - from.x) + std::abs(lane - to.x); };
  return detour(left) < detour(right) ? left : right;
}

class Path {
 public:
  explicit Path(Point start) : place_(start), text_(fmt::format("M{:g} {:g}", start.x, start.y)) {}
  void line(Point to) {
    text_ += fmt::format("L{:g} {:g}", to.x, to.y);
    place_ = to;
  }
  void curve(Point first, Point second, Point to) {
    text_ += fmt::format("C{:g} {:g} {:g} {:g} {:g} {:g}", first.x, first.y, second.x, second.y, to.x, to.y);
    place_ = to;
  }
  /// Around a corner, the handles at three fifths of the way to it.
  void turn(Point corner, Point to) {
    const auto towards = [&](Point point) {
      return Point{point.x + (corner.x - point.x) * 0.6, point.y + (corner.y - point.y) * 0.6};
    };
    curve(towards(place_), towards(to), to);
  }
  const std::string& text() const { return text_; }

 private:
  Point place_;
  std::string text_;
};

std::string along_lane(Point from, Point to, double lane) {
  Path path(from);
  const double high = from.y + lane_gap;
  const double low = to.y - lane_gap;
  const double out = std::clamp(lane - from.x, -lane_corner, lane_corner);
  const double in = std::clamp(to.x - lane, -lane_corner, lane_corner);
  path.turn({from.x, high}, {from.x + out, high});
  path.line({lane - out, high});
  path.turn({lane, high}, {lane, high + lane_corner});
  path.line({lane, low - lane_corner});
  path.turn({lane, low}, {lane + in, low});
  path.line({to.x - in, low});
  path.turn({to.x, low}, to);
  return path.text();
}

}  // namespace

std::string svg_wire(Point from, Point to, const std::vector<SvgBox>& nodes) {
  if (const auto lane = lane_around(nodes, from, to)) return along_lane(from, to, *lane);
  const double drop = to.y - from.y;
  // A wire that leads upwards needs room to turn round.
  const double reach = drop > 0 ? std::clamp(drop / 2, 16.0, 160.0) : std::clamp(40 - drop / 3, 40.0, 200.0);
  Path path(from);
  path.curve({from.x, from.y + reach}, {to.x, to.y - reach}, to);
  return path.text();
}

}  // namespace netwright
