#include "backend/data/data_statistics.h"

#include <algorithm>
#include <array>

namespace netwright {

namespace {

SplitStatistics statistics_of(const Legend& legend, const Split& split) {
  SplitStatistics statistics{.samples = split.count(), .class_counts = class_counts_of(legend, split)};
  if (split.lengths.count() == 0 || split.count() == 0) return statistics;
  statistics.shortest = split.lengths.as<std::int64_t>()[split.row(0)];
  for (std::int64_t i = 0; i < split.count(); ++i) {
    const std::int64_t length = split.lengths.as<std::int64_t>()[split.row(i)];
    statistics.shortest = std::min(statistics.shortest, length);
    statistics.longest = std::max(statistics.longest, length);
  }
  return statistics;
}

std::vector<ValueStatistics> named(const std::vector<Moments>& moments, const std::vector<std::string>& names) {
  std::vector<ValueStatistics> statistics;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    statistics.push_back({moments[i], names.size() == moments.size() ? names[i] : std::string()});
  }
  return statistics;
}

}  // namespace

std::vector<std::int64_t> class_counts_of(const Legend& legend, const Split& split) {
  std::vector<std::int64_t> counts(legend.classes.size());
  const Array& targets = split.targets;
  const std::int64_t elements = sample_elements(targets);
  switch (legend.target) {
    case TargetKind::Class:
      for (std::int64_t i = 0; i < split.count(); ++i) {
        ++counts[static_cast<std::size_t>(targets.as<std::int64_t>()[split.row(i)])];
      }
      return counts;
    case TargetKind::Labels:
      for (std::int64_t i = 0; i < split.count(); ++i) {
        const float* labels = targets.as<float>() + split.row(i) * elements;
        for (std::size_t label = 0; label < counts.size(); ++label) counts[label] += labels[label] > 0.5F ? 1 : 0;
      }
      return counts;
    case TargetKind::Mask: {
      std::array<std::int64_t, 256> pixels = {};
      for (std::int64_t i = 0; i < split.count(); ++i) {
        const std::uint8_t* mask = targets.as<std::uint8_t>() + split.row(i) * elements;
        for (std::int64_t e = 0; e < elements; ++e) ++pixels[mask[e]];
      }
      std::copy_n(pixels.begin(), std::min(counts.size(), pixels.size()), counts.begin());
      return counts;
    }
    case TargetKind::None:
    case TargetKind::Values:
      return {};
  }
  return {};
}

DataStatistics statistics_of(const Dataset& data) {
  DataStatistics statistics{.train = statistics_of(data, data.train),
                            .validation = statistics_of(data, data.validation),
                            .test = statistics_of(data, data.test),
                            .vocabulary = static_cast<std::int64_t>(data.vocabulary.tokens.size())};
  const Array& inputs = data.train.inputs;
  statistics.inputs = named(moments_of(inputs, data.train, meaningful_axis(inputs)), data.feature_names);
  if (data.target == TargetKind::Values) {
    const Array& targets = data.train.targets;
    statistics.targets = named(moments_of(targets, data.train, last_axis(targets)), data.target_names);
  }
  return statistics;
}

}  // namespace netwright
