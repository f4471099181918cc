#include "backend/data/preparation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "backend/core/numbers.h"
#include "backend/data/augmentation.h"
#include "backend/data/data_statistics.h"
#include "backend/data/normalisation.h"
#include "backend/data/random.h"

namespace netwright {

namespace {

/// Each split is drawn from a stream of its own, so that the size of one doesn't change the other.
constexpr std::uint32_t test_drawing = 1;
constexpr std::uint32_t validation_drawing = 2;

std::int64_t class_of(const Split& split, std::int64_t row) {
  return split.targets.as<std::int64_t>()[row];
}

/// How many of each class make up `count` of all samples: each class's share, rounded so that the sum is right (the
/// largest remainders get one more, ties are drawn). A class keeps one sample where that can be.
std::vector<std::int64_t> quotas(const std::vector<std::int64_t>& sizes, std::int64_t count, Random& random) {
  const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  std::vector<std::int64_t> quota;
  for (const std::int64_t size : sizes) quota.push_back(size * count / total);
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, random);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] * count % total > sizes[b] * count % total; });
  std::int64_t left = count - std::accumulate(quota.begin(), quota.end(), std::int64_t{0});
  for (const std::int64_t kept : {1, 0}) {
    for (bool is_given = true; left > 0 && is_given;) {
      is_given = false;
      for (const std::size_t c : order) {
        if (left == 0 || quota[c] + kept >= sizes[c]) continue;
        ++quota[c];
        --left;
        is_given = true;
      }
    }
  }
  return quota;
}

/// Marks the `count` of the split's samples that are taken away.
std::vector<bool> marked(const Dataset& data, const Split& split, std::int64_t count, const std::string& manner,
                         Random random) {
  const std::int64_t samples = split.count();
  std::vector<bool> taken(static_cast<std::size_t>(samples));
  if (data.is_ordered || manner == "ordered") {
    std::fill(taken.end() - count, taken.end(), true);
    return taken;
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(samples));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  shuffle(order, random);
  const bool is_stratified = manner == "stratified" && data.target == TargetKind::Class && !data.classes.empty();
  if (!is_stratified) {
    for (std::int64_t i = 0; i < count; ++i) taken[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = true;
    return taken;
  }
  std::vector<std::int64_t> sizes(data.classes.size());
  const auto label = [&split](std::int64_t index) {
    return static_cast<std::size_t>(class_of(split, split.row(index)));
  };
  for (std::int64_t i = 0; i < samples; ++i) ++sizes[label(i)];
  std::vector<std::int64_t> quota = quotas(sizes, count, random);
  for (const std::int64_t index : order) {
    if (quota[label(index)]-- > 0) taken[static_cast<std::size_t>(index)] = true;
  }
  return taken;
}

/// The number of samples that a fraction means: one at least, all but one at most.
std::int64_t share_of(std::int64_t samples, double fraction) {
  if (fraction <= 0 || samples < 2) return 0;
  return std::clamp<std::int64_t>(std::llround(fraction * static_cast<double>(samples)), 1, samples - 1);
}

/// Moves `count` samples out of `from`.
Split take(const Dataset& data, Split& from, std::int64_t count, const std::string& manner, Random random) {
  if (count == 0) return {};
  const std::vector<bool> taken = marked(data, from, count, manner, random);
  Split away = from;
  away.rows.emplace();
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < from.count(); ++i) {
    (taken[static_cast<std::size_t>(i)] ? *away.rows : kept).push_back(from.row(i));
  }
  if (data.is_ordered && data.overlap > 0) {
    kept.resize(std::max<std::size_t>(1, kept.size() - std::min(kept.size(), static_cast<std::size_t>(data.overlap))));
  }
  from.rows = std::move(kept);
  return away;
}

std::string count_of(std::int64_t samples) {
  return samples == 1 ? "one sample" : fmt::format("{} samples", with_separators(samples));
}

Result<void> divide(Dataset& data, const Settings& settings) {
  const std::string manner = settings.text("split");
  const auto seed = static_cast<std::uint64_t>(settings.integer("split_seed"));
  const auto take_share = [&](const char* fraction, std::uint32_t stream) {
    const std::int64_t count = share_of(data.train.count(), settings.real(fraction));
    return take(data, data.train, count, manner, Random(seed, stream));
  };
  if (data.test.count() == 0) {
    if (settings.real("test_fraction") > 0 && data.train.count() < 2) {
      return Error{
          fmt::format("{} has {}, which can't be both for training and for testing. Give it more samples, or "
                      "set test_fraction to 0.",
                      data.name, count_of(data.train.count()))};
    }
    data.test = take_share("test_fraction", test_drawing);
  }
  if (data.validation.count() == 0) data.validation = take_share("validation_fraction", validation_drawing);
  return {};
}

/// Where the first value that isn't a number is, in words; nothing where all are.
std::optional<std::string> complaint_about(const Array& values, const Split& split, const char* what,
                                           const std::vector<std::string>& names) {
  if (values.type != ElementType::Float32) return std::nullopt;
  const std::int64_t elements = sample_elements(values);
  for (std::int64_t i = 0; i < split.count(); ++i) {
    const float* sample = values.as<float>() + split.row(i) * elements;
    // Zero times anything but a number isn't zero: one sum tells of the whole sample.
    float sum = 0;
    for (std::int64_t e = 0; e < elements; ++e) sum += sample[e] * 0.0F;
    if (sum == 0) continue;
    const float* bad = std::find_if(sample, sample + elements, [](float value) { return !std::isfinite(value); });
    const auto places = static_cast<std::int64_t>(names.size());
    const std::string name = places > 0 ? " “" + names[static_cast<std::size_t>((bad - sample) % places)] + "”" : "";
    return fmt::format("sample {} (counted from 0) has the {}{} {}, which isn't a number to learn from", split.row(i),
                       what, name, *bad);
  }
  return std::nullopt;
}

/// The first target that is none of the classes, in words; nothing where all are.
std::optional<std::string> complaint_about_classes(const Legend& legend, const Split& split) {
  const auto classes = static_cast<std::int64_t>(legend.classes.size());
  const auto words = [&](std::int64_t row, std::int64_t found) {
    return fmt::format("sample {} (counted from 0) has class {}, but there are {} classes, numbered from 0", row, found,
                       classes);
  };
  const std::int64_t elements = sample_elements(split.targets);
  for (std::int64_t i = 0; i < split.count(); ++i) {
    const std::int64_t row = split.row(i);
    if (legend.target == TargetKind::Class) {
      if (class_of(split, row) < 0 || class_of(split, row) >= classes) return words(row, class_of(split, row));
    } else {
      const std::uint8_t* mask = split.targets.as<std::uint8_t>() + row * elements;
      const std::uint8_t highest = *std::max_element(mask, mask + elements);
      if (highest >= classes) return words(row, highest);
    }
  }
  return std::nullopt;
}

Result<void> check_values(const Dataset& data) {
  const bool has_classes = data.target == TargetKind::Class || data.target == TargetKind::Mask;
  for (const Split* split : {&data.train, &data.validation, &data.test}) {
    if (split->count() == 0) continue;
    const char* name = split == &data.test ? "test" : "training";
    auto why = complaint_about(split->inputs, *split, "input", data.feature_names);
    if (!why) why = complaint_about(split->targets, *split, "target", data.target_names);
    if (why) {
      return Error{
          fmt::format("{}: in the {} samples, {}. Leave the sample out, or fill the value in.", data.name, name, *why)};
    }
    if (has_classes) why = complaint_about_classes(data, *split);
    if (why) return Error{fmt::format("{}: in the {} samples, {}.", data.name, name, *why)};
  }
  return {};
}

/// Numbers the classes anew. The arrays are replaced, not changed: others may share them.
void order_classes(Dataset& data, const std::string& order) {
  if (data.target != TargetKind::Class || order == "given" || data.classes.empty()) return;
  const std::vector<std::int64_t> samples = class_counts_of(data, data.train);
  std::vector<std::size_t> given(data.classes.size());
  std::iota(given.begin(), given.end(), std::size_t{0});
  std::stable_sort(given.begin(), given.end(), [&](std::size_t a, std::size_t b) {
    return order == "name" ? data.classes[a] < data.classes[b] : samples[a] > samples[b];
  });
  std::vector<std::int64_t> number(given.size());
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < given.size(); ++i) {
    number[given[i]] = static_cast<std::int64_t>(i);
    classes.push_back(data.classes[given[i]]);
  }
  data.classes = std::move(classes);
  for (Split* split : {&data.train, &data.validation, &data.test}) {
    if (split->targets.count() == 0) continue;
    Array renamed = make_array(ElementType::Int64, split->targets.sizes);
    for (std::int64_t row = 0; row < split->targets.count(); ++row) {
      renamed.as<std::int64_t>()[row] = number[static_cast<std::size_t>(class_of(*split, row))];
    }
    split->targets = std::move(renamed);
  }
}

void normalise(Dataset& data, const std::string& kind) {
  data.normalisation = normalisation_of(data.train.inputs, data.train, meaningful_axis(data.train.inputs), kind);
  data.target_normalisation = {};
  if (data.target != TargetKind::Values || kind == "none") return;
  const Array& targets = data.train.targets;
  data.target_normalisation = normalisation_of(targets, data.train, last_axis(targets), "standard");
}

/// Mixes eight bytes at a time; no protection against who wants two data sets to look alike.
class Hash {
 public:
  void add(const std::byte* bytes, std::size_t size) {
    for (; size >= 8; bytes += 8, size -= 8) add(word(bytes, 8));
    if (size > 0) add(word(bytes, size));
  }
  void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9E3779B97F4A7C15;
    state_ ^= state_ >> 32;
  }
  std::uint64_t value() const { return scrambled(state_); }

 private:
  static std::uint64_t word(const std::byte* bytes, std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, size);
    return value;
  }
  std::uint64_t state_ = 0xCBF29CE484222325;
};

}  // namespace

const std::vector<SettingSpec>& preparation_specs() {
  static const std::vector<SettingSpec> specs = [] {
    std::vector<SettingSpec> all = {
        {.name = "test_fraction",
         .kind = SettingKind::Real,
         .fallback = 0.2,
         .help = "The share of the samples that is kept for testing, where the source has no test samples of its own.",
         .minimum = 0,
         .maximum = 0.9},
        {.name = "validation_fraction",
         .kind = SettingKind::Real,
         .fallback = 0.1,
         .help = "The share of the training samples that epochs are judged on; 0: they are judged on the test samples.",
         .minimum = 0,
         .maximum = 0.9},
        {.name = "split",
         .kind = SettingKind::Choice,
         .fallback = std::string("stratified"),
         .help = "How samples are held back: the same share of each class, at random, or the last ones. Windows of a "
                 "series are always cut by time.",
         .choices = {"stratified", "random", "ordered"}},
        {.name = "split_seed",
         .kind = SettingKind::Integer,
         .fallback = std::int64_t{0},
         .help = "The same seed holds the same samples back.",
         .minimum = 0,
         .maximum = 2147483647},
        {.name = "normalisation",
         .kind = SettingKind::Choice,
         .fallback = std::string("standard"),
         .help = "What inputs are brought to, by the training samples: mean 0 and deviation 1 for each channel or "
                 "feature, 0 to 1, −1 to 1, or left as they are.",
         .choices = {"standard", "unit", "signed", "none"}},
        {.name = "class_order",
         .kind = SettingKind::Choice,
         .fallback = std::string("given"),
         .help = "How classes are numbered: as the source has them, by name, or the most frequent first.",
         .choices = {"given", "name", "frequency"}},
    };
    const auto& changes = augmentation_specs();
    all.insert(all.end(), changes.begin(), changes.end());
    return all;
  }();
  return specs;
}

Result<void> prepare(Dataset& data, const Settings& preparation) {
  const Settings settings = completed(preparation_specs(), preparation);
  for (const SettingSpec& spec : preparation_specs()) {
    if (const auto why = complaint(spec, *settings.find(spec.name)))
      return Error{"The data's preparation: " + *why + "."};
  }
  if (data.train.count() == 0) return Error{data.name + " has no samples to learn from."};
  if (const auto checked = check_values(data); !checked) return checked.error();
  order_classes(data, settings.text("class_order"));
  if (const auto divided = divide(data, settings); !divided) return divided.error();
  normalise(data, settings.text("normalisation"));
  return {};
}

std::string fingerprint_of(const Dataset& data) {
  Hash hash;
  for (const Split* split : {&data.train, &data.validation, &data.test}) {
    hash.add(static_cast<std::uint64_t>(split->count()));
    for (const Array* array : {&split->inputs, &split->targets, &split->lengths}) {
      if (split->count() == 0 || array->count() == 0) continue;
      hash.add(static_cast<std::uint64_t>(array->type));
      for (std::size_t axis = 1; axis < array->sizes.size(); ++axis) {
        hash.add(static_cast<std::uint64_t>(array->sizes[axis]));
      }
      const std::size_t bytes = static_cast<std::size_t>(sample_elements(*array)) * bytes_of(array->type);
      for (std::int64_t i = 0; i < split->count(); ++i) {
        hash.add(array->bytes.data() + static_cast<std::size_t>(split->row(i)) * bytes, bytes);
      }
    }
  }
  // Other words may have the same numbers.
  for (const std::string& token : data.vocabulary.tokens) {
    hash.add(token.size());
    hash.add(reinterpret_cast<const std::byte*>(token.data()), token.size());
  }
  return fmt::format("{:016x}", hash.value());
}

std::vector<double> balanced_class_weights(const Dataset& data) {
  if (data.target != TargetKind::Class && data.target != TargetKind::Mask) return {};
  const std::vector<std::int64_t> samples = class_counts_of(data, data.train);
  const auto total = static_cast<double>(std::accumulate(samples.begin(), samples.end(), std::int64_t{0}));
  const auto classes = static_cast<double>(samples.size()) -
                       static_cast<double>(std::count(samples.begin(), samples.end(), std::int64_t{0}));
  std::vector<double> weights;
  for (const std::int64_t count : samples) {
    weights.push_back(count == 0 ? 1 : total / (classes * static_cast<double>(count)));
  }
  return weights;
}

}  // namespace netwright
