#include "backend/interop/graph_layout.h"

#include <fmt/format.h>
#include <graphviz/gvc.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>

#include "backend/graph/drawing_size.h"

namespace netwright {

namespace {

using Index = std::size_t;

/// Graphviz measures in points and inches; a canvas unit is a point.
constexpr double points_per_inch = 72;
/// dot takes about a second for 10 million of these: layers, times layers and the nodes that dot puts into every row
/// which a connection crosses.
constexpr Index most_work_for_dot = 50'000'000;

/// The network by index, without connections to layers that aren't there, to themselves, or drawn twice.
struct Graph {
  Index size;
  std::vector<std::pair<Index, Index>> edges;
};

Graph graph_of(const Network& network) {
  std::map<LayerId, Index> index;
  for (Index i = 0; i < network.layers.size(); ++i) index[network.layers[i].id] = i;
  Graph graph{network.layers.size(), {}};
  std::set<std::pair<Index, Index>> known;
  for (const Connection& connection : network.connections) {
    const auto from = index.find(connection.from.layer);
    const auto to = index.find(connection.to.layer);
    if (from == index.end() || to == index.end() || from == to) continue;
    if (known.insert({from->second, to->second}).second) graph.edges.emplace_back(from->second, to->second);
  }
  return graph;
}

/// Each node's row by the longest path to it. A cycle is opened at its first node.
std::vector<Index> rows_by_longest_path(const Graph& graph) {
  std::vector<std::vector<Index>> below(graph.size);
  std::vector<Index> waiting(graph.size, 0);
  for (const auto& [from, to] : graph.edges) {
    below[from].push_back(to);
    ++waiting[to];
  }
  std::vector<Index> rows(graph.size, 0);
  std::vector<bool> is_done(graph.size, false);
  std::vector<Index> ready;
  for (Index i = graph.size; i-- > 0;) {
    if (waiting[i] == 0) ready.push_back(i);
  }
  Index first_left = 0;
  for (Index done = 0; done < graph.size;) {
    if (ready.empty()) {
      while (is_done[first_left]) ++first_left;
      ready.push_back(first_left);
    }
    const Index i = ready.back();
    ready.pop_back();
    if (is_done[i]) continue;
    is_done[i] = true;
    ++done;
    for (const Index j : below[i]) {
      if (is_done[j]) continue;
      rows[j] = std::max(rows[j], rows[i] + 1);
      if (--waiting[j] == 0) ready.push_back(j);
    }
  }
  return rows;
}

/// How many nodes dot will have to place.
Index nodes_in_dot(const Graph& graph, const std::vector<Index>& rows) {
  Index count = graph.size;
  for (const auto& [from, to] : graph.edges) {
    const Index span = rows[from] < rows[to] ? rows[to] - rows[from] : rows[from] - rows[to];
    count += span > 1 ? span - 1 : 0;
  }
  return count;
}

struct Closes {
  void operator()(Agraph_t* graph) const { agclose(graph); }
  void operator()(GVC_t* context) const { gvFreeContext(context); }
};

Agsym_t* set(Agraph_t* graph, int kind, const char* name, const std::string& value) {
  return agattr(graph, kind, const_cast<char*>(name), const_cast<char*>(value.c_str()));
}

/// The nodes' centres, y downwards; nothing where dot couldn't.
std::optional<std::vector<Point>> places_by_dot(const Graph& graph, const std::vector<Index>& rows, Index dot_nodes) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  agseterr(AGMAX);
  agseterrf([](auto*) { return 0; });
  const std::unique_ptr<GVC_t, Closes> context(gvContext());
  const std::unique_ptr<Agraph_t, Closes> drawing(agopen(const_cast<char*>("network"), Agdirected, nullptr));
  if (!context || !drawing) return std::nullopt;
  Agraph_t* g = drawing.get();
  const auto inches = [](double units) { return fmt::format("{:.6f}", units / points_per_inch); };
  set(g, AGRAPH, "nodesep", inches(column_step - layer_width));
  set(g, AGRAPH, "ranksep", inches(row_step - layer_height));
  set(g, AGRAPH, "splines", "none");
  // A good order comes early, a perfect one late: the larger the drawing, the fewer rounds per node.
  const auto rounds = [&](double most, double in_all) {
    return fmt::format("{:.6f}", std::min(most, in_all / static_cast<double>(dot_nodes)));
  };
  set(g, AGRAPH, "nslimit", rounds(2, 100));
  set(g, AGRAPH, "nslimit1", rounds(2, 500));
  set(g, AGRAPH, "mclimit", rounds(1, 500));
  set(g, AGNODE, "shape", "box");
  set(g, AGNODE, "fixedsize", "true");
  // Text would have fonts loaded.
  set(g, AGNODE, "label", "");
  set(g, AGNODE, "width", inches(layer_width));
  set(g, AGNODE, "height", inches(layer_height));
  std::vector<Agnode_t*> nodes;
  for (Index i = 0; i < graph.size; ++i) nodes.push_back(agnode(g, std::to_string(i).data(), 1));
  // The way through all layers stays straight, what leads past some of them bends.
  Agsym_t* weight = set(g, AGEDGE, "weight", "1");
  std::string straight = "30";
  for (const auto& [from, to] : graph.edges) {
    Agedge_t* edge = agedge(g, nodes[from], nodes[to], nullptr, 1);
    if (rows[to] == rows[from] + 1) agxset(edge, weight, straight.data());
  }
  if (gvLayout(context.get(), g, "dot") != 0) return std::nullopt;
  std::vector<Point> places;
  for (Agnode_t* node : nodes) places.push_back({ND_coord(node).x, -ND_coord(node).y});
  gvFreeLayout(context.get(), g);
  return places;
}

std::vector<Point> places_by_rows(const Graph& graph, const std::vector<Index>& row_of) {
  std::vector<std::vector<Index>> above(graph.size);
  for (const auto& [from, to] : graph.edges) {
    if (row_of[from] < row_of[to]) above[to].push_back(from);
  }
  std::vector<std::vector<Index>> rows;
  for (Index i = 0; i < graph.size; ++i) {
    if (row_of[i] >= rows.size()) rows.resize(row_of[i] + 1);
    rows[row_of[i]].push_back(i);
  }
  std::vector<Point> places(graph.size);
  for (Index row = 0; row < rows.size(); ++row) {
    std::vector<std::pair<double, Index>> ordered;
    for (const Index i : rows[row]) {
      const double sum = std::accumulate(above[i].begin(), above[i].end(), 0.0,
                                         [&](double so_far, Index j) { return so_far + places[j].x; });
      ordered.emplace_back(above[i].empty() ? 0 : sum / static_cast<double>(above[i].size()), i);
    }
    std::sort(ordered.begin(), ordered.end());
    double x = -static_cast<double>(ordered.size() - 1) / 2 * column_step;
    for (const auto& [wanted, i] : ordered) {
      places[i] = {x, static_cast<double>(row) * row_step};
      x += column_step;
    }
  }
  return places;
}

}  // namespace

std::map<LayerId, Point> laid_out(const Network& network) {
  if (network.layers.empty()) return {};
  const Graph graph = graph_of(network);
  const std::vector<Index> rows = rows_by_longest_path(graph);
  std::optional<std::vector<Point>> places;
  const Index dot_nodes = nodes_in_dot(graph, rows);
  if (graph.size * dot_nodes <= most_work_for_dot) places = places_by_dot(graph, rows, dot_nodes);
  if (!places) places = places_by_rows(graph, rows);
  Point corner = places->front();
  for (const Point place : *places) corner = {std::min(corner.x, place.x), std::min(corner.y, place.y)};
  const auto on_grid = [](double units) { return std::round(units / grid_step) * grid_step; };
  std::map<LayerId, Point> result;
  for (Index i = 0; i < graph.size; ++i) {
    const Point place = (*places)[i];
    result[network.layers[i].id] = {on_grid(place.x - corner.x), on_grid(place.y - corner.y)};
  }
  return result;
}

}  // namespace netwright
