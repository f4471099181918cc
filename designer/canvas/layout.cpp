#include "designer/canvas/layout.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "designer/canvas/geometry.h"

namespace netwright {
namespace {

using Index = std::size_t;

class Layout {
 public:
  explicit Layout(const Network& network) : size_(network.layers.size()), above_(size_), below_(size_) {
    std::map<LayerId, Index> index;
    for (Index i = 0; i < size_; ++i) index[network.layers[i].id] = i;
    for (const Connection& c : network.connections) {
      const auto from = index.find(c.from.layer);
      const auto to = index.find(c.to.layer);
      if (from == index.end() || to == index.end() || from == to) continue;
      below_[from->second].push_back(to->second);
      // The input's port breaks ties: what feeds port 0 stands left of what feeds port 1.
      above_[to->second].push_back(from->second);
    }
    rank();
    order();
    place();
  }

  double x(Index i) const { return x_[i]; }
  std::size_t row(Index i) const { return row_[i]; }

 private:
  void rank() {
    row_.assign(size_, 0);
    std::vector<std::size_t> waiting(size_);
    std::vector<Index> ready;
    for (Index i = 0; i < size_; ++i) {
      waiting[i] = above_[i].size();
      if (waiting[i] == 0) ready.push_back(i);
    }
    std::vector<bool> is_done(size_, false);
    Index next_unbroken = 0;
    for (std::size_t done = 0; done < size_;) {
      if (ready.empty()) {
        // Only cycles are left: open one at its first layer.
        while (is_done[next_unbroken]) ++next_unbroken;
        ready.push_back(next_unbroken);
      }
      const Index i = ready.back();
      ready.pop_back();
      if (is_done[i]) continue;
      is_done[i] = true;
      ++done;
      for (const Index j : below_[i]) {
        if (is_done[j]) continue;
        row_[j] = std::max(row_[j], row_[i] + 1);
        if (--waiting[j] == 0) ready.push_back(j);
      }
    }
    // A source stands just above what it feeds, not at the very top.
    for (Index i = 0; i < size_; ++i) {
      if (!above_[i].empty() || below_[i].empty()) continue;
      std::size_t nearest = std::numeric_limits<std::size_t>::max();
      for (const Index j : below_[i]) nearest = std::min(nearest, row_[j]);
      row_[i] = nearest == 0 ? 0 : nearest - 1;
    }
    rows_.clear();
    for (Index i = 0; i < size_; ++i) {
      if (row_[i] >= rows_.size()) rows_.resize(row_[i] + 1);
      rows_[row_[i]].push_back(i);
    }
  }

  void order() {
    std::vector<double> rank(size_, 0);
    const auto number = [&](const std::vector<Index>& row) {
      for (Index k = 0; k < row.size(); ++k) rank[row[k]] = static_cast<double>(k) - (row.size() - 1) / 2.0;
    };
    for (const auto& row : rows_) number(row);
    const auto sweep = [&](std::vector<Index>& row, const std::vector<std::vector<Index>>& neighbours) {
      std::vector<std::pair<double, Index>> keyed;
      for (const Index i : row) {
        double sum = 0;
        for (const Index j : neighbours[i]) sum += rank[j];
        keyed.emplace_back(neighbours[i].empty() ? rank[i] : sum / static_cast<double>(neighbours[i].size()), i);
      }
      std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      for (Index k = 0; k < row.size(); ++k) row[k] = keyed[k].second;
      number(row);
    };
    for (int pass = 0; pass < 4; ++pass) {
      for (auto& row : rows_) sweep(row, above_);
      for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) sweep(*row, below_);
    }
    for (auto& row : rows_) sweep(row, above_);
  }

  void place() {
    x_.assign(size_, 0);
    for (const auto& row : rows_)
      for (Index k = 0; k < row.size(); ++k)
        x_[row[k]] = (static_cast<double>(k) - (row.size() - 1) / 2.0) * column_step;
    for (int pass = 0; pass < 8; ++pass) {
      for (const auto& row : rows_) settle(row, above_);
      for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) settle(*row, below_);
    }
    for (const auto& row : rows_) settle(row, above_);
  }

  /// Brings a row's layers as near (least squares) to their neighbours as keeps them a column apart: pooling of
  /// adjacent violators.
  void settle(const std::vector<Index>& row, const std::vector<std::vector<Index>>& neighbours) {
    struct Pool {
      double sum;
      std::size_t count;
      double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Pool> pools;
    for (Index k = 0; k < row.size(); ++k) {
      const auto& near = neighbours[row[k]];
      double wanted = x_[row[k]];
      if (!near.empty()) {
        wanted = 0;
        for (const Index j : near) wanted += x_[j];
        wanted /= static_cast<double>(near.size());
      }
      pools.push_back({wanted - static_cast<double>(k) * column_step, 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        pools[pools.size() - 2].sum += pools.back().sum;
        pools[pools.size() - 2].count += pools.back().count;
        pools.pop_back();
      }
    }
    Index k = 0;
    for (const Pool& pool : pools)
      for (std::size_t n = 0; n < pool.count; ++n, ++k) x_[row[k]] = pool.mean() + static_cast<double>(k) * column_step;
  }

  std::size_t size_;
  std::vector<std::vector<Index>> above_;
  std::vector<std::vector<Index>> below_;
  std::vector<std::size_t> row_;
  std::vector<std::vector<Index>> rows_;
  std::vector<double> x_;
};

}  // namespace

std::map<LayerId, Point> layered_layout(const Network& network, Point origin) {
  if (network.layers.empty()) return {};
  const Layout layout(network);
  double left = std::numeric_limits<double>::max();
  for (Index i = 0; i < network.layers.size(); ++i) left = std::min(left, layout.x(i));
  std::map<LayerId, Point> places;
  for (Index i = 0; i < network.layers.size(); ++i) {
    const double x = origin.x + std::round((layout.x(i) - left) / grid_step) * grid_step;
    places[network.layers[i].id] = {x, origin.y + static_cast<double>(layout.row(i)) * row_step};
  }
  return places;
}

}  // namespace netwright
