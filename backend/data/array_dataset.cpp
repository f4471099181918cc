#include "backend/data/array_dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "backend/core/numbers.h"
#include "backend/data/array_targets.h"
#include "backend/data/fields.h"

namespace netwright {

namespace {

using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t most_classes = 1'000'000;
constexpr std::int64_t most_words = 10'000'000;

bool is_colour_or_gray(std::int64_t channels) {
  return channels == 1 || channels == 3;
}

InputLayout layout_of(const ArrayHeader& inputs, InputLayout chosen) {
  if (chosen != InputLayout::Auto) return chosen;
  const Sizes& sizes = inputs.sizes;
  if (inputs.type != ElementType::UInt8) return InputLayout::AsIs;
  if (sizes.size() == 3) return InputLayout::Gray;
  const bool ends_in_channels = sizes.size() == 4 && is_colour_or_gray(sizes[3]) && !is_colour_or_gray(sizes[1]);
  return ends_in_channels ? InputLayout::ChannelsLast : InputLayout::AsIs;
}

/// What the inputs become; the message says why they can't.
Result<ArrayHeader> become_inputs(ArrayHeader inputs, const ArrayReading& reading, const std::string& name) {
  Sizes& sizes = inputs.sizes;
  if (sizes.empty()) return Error{fmt::format("{}: a single number; samples lie along the first dimension.", name)};
  if (std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size == 0; })) {
    return Error{fmt::format("{}: the array is empty.", name)};
  }
  const InputLayout layout = layout_of(inputs, reading.are_words ? InputLayout::AsIs : reading.layout);
  if (layout == InputLayout::Gray) {
    if (sizes.size() != 3)
      return Error{fmt::format("{}: gray images have three dimensions, this array has {}.", name, sizes.size())};
    sizes.insert(sizes.begin() + 1, 1);
  } else if (layout == InputLayout::ChannelsLast) {
    if (sizes.size() != 4)
      return Error{
          fmt::format("{}: images with channels have four dimensions, this array has {}.", name, sizes.size())};
    std::rotate(sizes.begin() + 1, sizes.begin() + 3, sizes.end());
  } else if (sizes.size() == 1) {
    sizes.push_back(1);
  }
  if (reading.are_words && inputs.type == ElementType::Float32) {
    return Error{fmt::format("{}: words are whole numbers, this array holds floats.", name)};
  }
  if (reading.are_words) {
    inputs.type = ElementType::Int64;
  } else if (inputs.type == ElementType::Int64) {
    inputs.type = ElementType::Float32;
  }
  return inputs;
}

/// N×H×W×C -> N×C×H×W.
template <class T>
Array channels_first(const Array& array) {
  const Sizes& old = array.sizes;
  Array result = make_array(array.type, {old[0], old[3], old[1], old[2]});
  const std::int64_t pixels = old[1] * old[2];
  const std::int64_t channels = old[3];
  const T* from = array.as<T>();
  T* to = result.as<T>();
  for (std::int64_t sample = 0; sample < old[0]; ++sample) {
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      for (std::int64_t pixel = 0; pixel < pixels; ++pixel) *to++ = from[pixel * channels + channel];
    }
    from += pixels * channels;
  }
  return result;
}

Result<Array> as_inputs(const NamedArray& inputs, const ArrayReading& reading) {
  auto becomes = become_inputs(header_of(inputs.array), reading, inputs.name);
  if (!becomes) return becomes.error();
  Array array = converted(inputs.array, becomes->type);
  if (!reading.are_words && layout_of(header_of(inputs.array), reading.layout) == InputLayout::ChannelsLast) {
    array = array.type == ElementType::UInt8 ? channels_first<std::uint8_t>(array) : channels_first<float>(array);
  }
  array.sizes = becomes->sizes;
  return array;
}

/// What a split becomes. The training split's kind of target holds for both.
struct SplitAsRead {
  Split split;
  TargetKind kind = TargetKind::None;
  Shape target_shape;
  std::int64_t classes = 0;
};

Result<SplitAsRead> read_split(ArraySplit arrays, const ArrayReading& reading) {
  auto inputs = as_inputs(arrays.inputs, reading);
  if (!inputs) return inputs.error();
  SplitAsRead read;
  read.split.inputs = *std::move(inputs);
  if (!arrays.targets || reading.target == TargetKind::None) return read;
  const ArrayHeader header = header_of(arrays.targets->array);
  const ArrayHeader samples = header_of(read.split.inputs);
  const auto kind = target_kind_of(header, samples);
  if (!kind)
    return Error{fmt::format("{}: a single number, where there is a target for each sample.", arrays.targets->name)};
  read.kind = reading.target.value_or(*kind);
  read.target_shape = target_shape_of(read.kind, header);
  const std::int64_t known = reading.known_classes();
  auto targets =
      as_targets(arrays.targets->array, read.kind, samples, known > 0 ? known : most_classes, arrays.targets->name);
  if (!targets) return targets.error();
  read.split.targets = std::move(targets->array);
  read.classes = targets->classes;
  return read;
}

Shape sample_shape(const Array& inputs) {
  return Shape::from_sizes({inputs.sizes.begin() + 1, inputs.sizes.end()});
}

/// The number of the greatest word and one more.
Result<std::int64_t> counted_words(const Array& words, const std::string& name) {
  const auto each = static_cast<std::size_t>(sample_elements(words));
  const auto* first = words.as<std::int64_t>();
  const auto* end = first + static_cast<std::size_t>(words.count()) * each;
  const auto wrong = std::find_if(first, end, [](std::int64_t word) { return word < 0 || word >= most_words; });
  if (wrong != end) {
    return Error{fmt::format("{}: sample {} has the word {}, where words are numbered from 0 to {}.", name,
                             static_cast<std::size_t>(wrong - first) / each, *wrong, with_separators(most_words - 1))};
  }
  return first == end ? 0 : *std::max_element(first, end) + 1;
}

/// Words that have no text are called by their numbers.
Vocabulary numbered_words(std::int64_t count) {
  Vocabulary vocabulary;
  vocabulary.tokens = {"<pad>", "<unk>"};
  for (std::int64_t word = 2; word < count; ++word) vocabulary.tokens.push_back(std::to_string(word));
  return vocabulary;
}

}  // namespace

std::int64_t ArrayReading::known_classes() const {
  return class_names.empty() ? classes : static_cast<std::int64_t>(class_names.size());
}

Result<Dataset> dataset_of(const std::string& name, ArraySplit train, std::optional<ArraySplit> test,
                           const ArrayReading& reading) {
  const std::string train_name = train.inputs.name;
  const std::string test_name = test ? test->inputs.name : std::string();
  auto first = read_split(std::move(train), reading);
  if (!first) return first.error();
  Dataset data;
  data.name = name;
  data.sample_shape = sample_shape(first->split.inputs);
  data.target = first->kind;
  data.target_shape = first->target_shape;
  std::int64_t classes = std::max(reading.known_classes(), first->classes);
  if (test) {
    ArrayReading same = reading;
    same.target = first->kind;
    auto second = read_split(*std::move(test), same);
    if (!second) return second.error();
    const Shape shape = sample_shape(second->split.inputs);
    const auto differ = [&](const char* what, const Shape& one, const Shape& other) {
      return Error{fmt::format("The {} in {} are {}, those in {} are {}.", what, train_name, one.to_string(), test_name,
                               other.to_string())};
    };
    if (shape != data.sample_shape) return differ("samples", data.sample_shape, shape);
    if (second->kind != first->kind) {
      return Error{
          fmt::format("{} has targets, and {} has none: choose the test split's too, or none.", train_name, test_name)};
    }
    if (second->target_shape != first->target_shape)
      return differ("targets of the samples", data.target_shape, second->target_shape);
    if (second->split.inputs.type != first->split.inputs.type) {
      return Error{fmt::format("The numbers in {} and {} are of different types.", train_name, test_name)};
    }
    classes = std::max(classes, second->classes);
    data.test = std::move(second->split);
  }
  data.train = std::move(first->split);
  if (data.target == TargetKind::Class || data.target == TargetKind::Mask || data.target == TargetKind::Labels) {
    if (data.target == TargetKind::Labels) classes = first->classes;
    data.classes = reading.class_names.empty() ? numbered_classes(classes) : reading.class_names;
    if (static_cast<std::int64_t>(data.classes.size()) != classes) {
      return Error{fmt::format("There are {} class names for {} labels.", data.classes.size(), classes)};
    }
  }
  if (reading.are_words) {
    const auto words = counted_words(data.train.inputs, train_name);
    if (!words) return words.error();
    const auto more = test_name.empty() ? Result<std::int64_t>(0) : counted_words(data.test.inputs, test_name);
    if (!more) return more.error();
    data.vocabulary = numbered_words(std::max(*words, *more));
  }
  return data;
}

std::optional<DataDescription> describe_arrays(const ArrayHeader& inputs, const std::optional<ArrayHeader>& targets,
                                               std::int64_t test_samples, const ArrayReading& reading) {
  const auto samples = become_inputs(inputs, reading, "");
  if (!samples) return std::nullopt;
  DataDescription description;
  description.sample_shape = Shape::from_sizes({samples->sizes.begin() + 1, samples->sizes.end()});
  description.train_samples = samples->sizes.front();
  description.test_samples = test_samples;
  description.type = samples->type;
  description.target = TargetKind::None;
  if (!targets || reading.target == TargetKind::None) return description;
  const auto kind = target_kind_of(*targets, *samples);
  if (!kind) return std::nullopt;
  description.target = reading.target.value_or(*kind);
  description.target_shape = target_shape_of(description.target, *targets);
  if (description.target == TargetKind::Labels) {
    description.classes = targets->sizes.size() > 1 ? targets->sizes[1] : 1;
  } else if (description.target != TargetKind::Values) {
    description.classes = reading.known_classes();
  }
  return description;
}

std::vector<SettingSpec> class_settings(std::int64_t classes, std::int64_t minimum) {
  return {
      {"classes", SettingKind::Integer, classes,
       minimum == 0 ? "How many classes, where none are named; 0: as many as the targets show."
                    : "How many classes, where none are named.",
       static_cast<double>(minimum), static_cast<double>(most_classes)},
      {"class_names", SettingKind::Text, std::string(), "The classes' names in order, with commas between them."},
  };
}

std::vector<std::string> class_names(const Settings& settings) {
  return listed(settings.text("class_names"));
}

std::vector<std::string> numbered_classes(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

std::vector<std::string> chosen_classes(const Settings& settings) {
  auto names = class_names(settings);
  return names.empty() ? numbered_classes(settings.integer("classes")) : names;
}

}  // namespace netwright
