// How long a report takes to follow one changed setting, against a fresh analysis of the same drawing, in turns in one
// run: analysis_benchmark [LAYERS] [ROUNDS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "backend/analysis/analyse.h"
#include "backend/analysis/live_analysis.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

/// Residual blocks of two convolutions, one after the other.
Project residual(int layers) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{16, 32, 32}}});
  const Settings same = {{"out_channels", std::int64_t{16}}, {"padding", Integers{1, 1}}, {"bias", false}};
  for (int block = 0; 7 * block + 8 <= layers; ++block) {
    const std::string number = std::to_string(block);
    const LayerId entry = draw.last();
    draw.add("Conv2d", "conv_a" + number, same);
    draw.add("BatchNorm2d", "bn_a" + number);
    draw.add("ReLU", "relu_a" + number);
    draw.add("Conv2d", "conv_b" + number, same);
    const LayerId end = draw.add("BatchNorm2d", "bn_b" + number);
    draw.add("Add", "add" + number, {}, {end, entry});
    draw.add("ReLU", "relu_b" + number);
  }
  draw.add("Output", "output");
  return project;
}

template <class Work>
double milliseconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int layers = argc > 1 ? std::atoi(argv[1]) : 1000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 40;
  Project project = residual(layers);
  Network& network = project.networks.front();
  LiveAnalysis live(project);

  std::mt19937 random(1);
  std::printf("%zu layers, %d rounds, medians in milliseconds\n", network.layers.size(), rounds);
  std::printf("%-44s %10s %10s %8s %8s\n", "one changed setting", "following", "afresh", "times", "visited");
  struct Kind {
    const char* name;
    const char* type;
    const char* setting;
    Value a;
    Value b;
    double from;  ///< which part of the network
    double to;
  };
  const Kind kinds[] = {
      {"eps of a BatchNorm, anywhere", "BatchNorm2d", "eps", 1e-5, 1e-4, 0, 1},
      {"dilation in the last tenth (fields change)", "Conv2d", "dilation", Integers{1, 1}, Integers{2, 2}, 0.9, 1},
      {"dilation, anywhere (fields change)", "Conv2d", "dilation", Integers{1, 1}, Integers{2, 2}, 0, 1},
  };
  for (const Kind& kind : kinds) {
    std::vector<LayerId> candidates;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      const double place = static_cast<double>(i) / static_cast<double>(network.layers.size());
      if (network.layers[i].type == kind.type && place >= kind.from && place < kind.to)
        candidates.push_back(network.layers[i].id);
    }
    std::vector<double> following;
    std::vector<double> afresh;
    std::vector<double> visited;
    for (int round = 0; round < rounds; ++round) {
      const LayerId layer = candidates[random() % candidates.size()];
      for (const Value& value : {kind.b, kind.a}) {
        const Edit edit = SetSetting{network.id, layer, kind.setting, value};
        if (!apply(project, edit)) return 1;
        following.push_back(milliseconds([&] { live.update(project, {edit}); }));
        visited.push_back(static_cast<double>(live.visited()));
        Report fresh;
        afresh.push_back(milliseconds([&] { fresh = analyse(project); }));
        if (fresh.networks.front().totals.macs != live.report().networks.front().totals.macs) return 1;
      }
    }
    const double a = median(following);
    const double b = median(afresh);
    std::printf("%-44s %10.3f %10.3f %8.1f %8.0f\n", kind.name, a, b, b / a, median(visited));
  }
  return 0;
}
