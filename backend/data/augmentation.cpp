#include "backend/data/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <numbers>
#include <numeric>
#include <type_traits>

#include "backend/data/image_move.h"
#include "backend/data/normalisation.h"

namespace netwright {

namespace {

SettingSpec real(const char* name, const char* help, double maximum) {
  return {.name = name, .kind = SettingKind::Real, .fallback = 0.0, .help = help, .minimum = 0, .maximum = maximum};
}

/// Normal numbers, nearly: of each number of a scrambled counter, the sum of its eight bytes.
class Noise {
 public:
  static constexpr std::int64_t most = 256;

  explicit Noise(std::uint64_t seed) : counter_(seed) {}

  /// The next `count`, `most` at most; their sums have the mean and deviation below.
  const std::int32_t* draw(std::int64_t count) {
    constexpr std::uint64_t every_other_byte = 0x00FF00FF00FF00FF;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const std::uint64_t bits = next_scrambled(counter_);
      const std::uint64_t pairs = (bits & every_other_byte) + ((bits >> 8) & every_other_byte);
      sums_[i] = static_cast<std::int32_t>((pairs * 0x0001000100010001) >> 48);
    }
    return sums_.data();
  }
  static constexpr float mean = 8 * 127.5F;
  static constexpr float deviation = 209.02152F;  // of eight numbers from 0 to 255: √(8·(256² − 1)/12)

 private:
  std::uint64_t counter_;
  std::array<std::int32_t, most> sums_;
};

/// A value stays what its type can hold: 0 to 255, or any float.
template <class T>
T kept(float value) {
  if constexpr (std::is_same_v<T, float>) return value;
  // Compilers take several at once where whole numbers are cut off, but not where floats are.
  return static_cast<T>(std::clamp(static_cast<std::int32_t>(value + 0.5F), 0, 255));
}

template <class T>
void adjust(T* values, std::int64_t count, float factor, float noise, std::uint64_t seed) {
  if (noise == 0) {
    for (std::int64_t i = 0; i < count; ++i) values[i] = kept<T>(factor * static_cast<float>(values[i]));
    return;
  }
  Noise random(seed);
  const float step = noise / Noise::deviation;
  for (std::int64_t begin = 0; begin < count; begin += Noise::most) {
    const std::int64_t many = std::min(Noise::most, count - begin);
    const std::int32_t* sums = random.draw(many);
    T* block = values + begin;
    for (std::int64_t i = 0; i < many; ++i) {
      const float added = step * (static_cast<float>(sums[i]) - Noise::mean);
      block[i] = kept<T>(factor * static_cast<float>(block[i]) + added);
    }
  }
}

}  // namespace

struct Augmentation::Rectangle {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// Of 2 to 33 % of the picture, up to 3.3 times as long as broad (Zhong et al., Random Erasing Data Augmentation).
Augmentation::Rectangle Augmentation::draw_rectangle(std::int64_t width, std::int64_t height, Random& random) {
  const double area = random.uniform(0.02, 0.33) * static_cast<double>(width * height);
  const double longer = random.uniform(1, 3.3);
  const double shape = random.uniform() < 0.5 ? longer : 1 / longer;
  Rectangle rectangle;
  rectangle.width = std::clamp<std::int64_t>(std::llround(std::sqrt(area * shape)), 1, width);
  rectangle.height = std::clamp<std::int64_t>(std::llround(std::sqrt(area / shape)), 1, height);
  rectangle.x = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(width - rectangle.width + 1)));
  rectangle.y = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(height - rectangle.height + 1)));
  return rectangle;
}

/// What happens to one picture.
struct Augmentation::Change {
  PixelMove pixels;
  double angle = 0;
  double right = 0;
  double down = 0;
  double factor = 1;
  std::uint64_t noise_seed = 0;
  Rectangle erased;

  bool is_affine() const { return angle != 0 || right != 0 || down != 0; }
  bool moves_pixels() const { return pixels.flips_across || pixels.flips_down || pixels.left != 0 || pixels.up != 0; }
};

const std::vector<SettingSpec>& augmentation_specs() {
  static const std::vector<SettingSpec> specs = {
      {.name = "flip",
       .kind = SettingKind::Choice,
       .fallback = std::string("none"),
       .help = "Every other training picture is mirrored: left and right, top and bottom, or both of these.",
       .choices = {"none", "horizontal", "vertical", "both"}},
      {.name = "crop_padding",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{0},
       .help = "So many pixels of 0 are put around training pictures, out of which a part of the old size is cut at "
               "random.",
       .minimum = 0,
       .maximum = 64},
      real("rotation", "Training pictures are turned by up to so many degrees either way.", 180),
      real("shift", "Training pictures are moved by up to this share of their size.", 0.5),
      real("brightness", "Training pictures get brighter or darker by up to this share.", 1),
      real("noise", "Deviation of the noise added to training pictures, where values have a range of 1 (bytes: 255).",
           1),
      real("erasing", "The probability that a rectangle in a training picture is made 0.", 1),
  };
  return specs;
}

Augmentation::Augmentation(const Settings& settings, const std::vector<std::int64_t>& sizes, ElementType type)
    : type_(type),
      bytes_(
          static_cast<std::size_t>(std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>())) *
          bytes_of(type)) {
  if (sizes.size() != 3 || type == ElementType::Int64) return;
  channels_ = sizes[0];
  height_ = sizes[1];
  width_ = sizes[2];
  const std::string flip = settings.text("flip");
  flips_across_ = flip == "horizontal" || flip == "both";
  flips_down_ = flip == "vertical" || flip == "both";
  crop_padding_ = settings.integer("crop_padding");
  rotation_ = settings.real("rotation") * std::numbers::pi / 180;
  shift_ = settings.real("shift");
  brightness_ = settings.real("brightness");
  noise_ = settings.real("noise");
  erasing_ = settings.real("erasing");
}

bool Augmentation::moves() const {
  return channels_ > 0 && (flips_across_ || flips_down_ || crop_padding_ > 0 || rotation_ > 0 || shift_ > 0);
}

bool Augmentation::is_idle() const {
  return !moves() && (channels_ == 0 || (brightness_ == 0 && noise_ == 0 && erasing_ == 0));
}

Augmentation::Change Augmentation::draw(Random& random) const {
  Change change;
  if (flips_across_) change.pixels.flips_across = random.uniform() < 0.5;
  if (flips_down_) change.pixels.flips_down = random.uniform() < 0.5;
  if (crop_padding_ > 0) {
    const auto places = static_cast<std::uint64_t>(2 * crop_padding_ + 1);
    change.pixels.left = static_cast<std::int64_t>(random.below(places)) - crop_padding_;
    change.pixels.up = static_cast<std::int64_t>(random.below(places)) - crop_padding_;
  }
  if (rotation_ > 0) change.angle = random.uniform(-rotation_, rotation_);
  if (shift_ > 0) {
    change.right = random.uniform(-shift_, shift_) * static_cast<double>(width_);
    change.down = random.uniform(-shift_, shift_) * static_cast<double>(height_);
  }
  if (brightness_ > 0) change.factor = random.uniform(1 - brightness_, 1 + brightness_);
  if (noise_ > 0) change.noise_seed = random.bits();
  if (erasing_ > 0 && random.uniform() < erasing_) change.erased = draw_rectangle(width_, height_, random);
  return change;
}

template <class T>
void Augmentation::change(const T* from, T* to, const Change& change) const {
  const ImageSize size{channels_, height_, width_};
  const std::int64_t plane = height_ * width_;
  if (change.is_affine()) {
    move_affine(from, to, size, affine_move(size, change.angle, change.right, change.down, change.pixels));
  } else if (change.moves_pixels()) {
    move_pixels(from, to, size, change.pixels);
  } else {
    std::copy_n(from, channels_ * plane, to);
  }
  if (change.factor != 1 || noise_ > 0) {
    const double range = type_ == ElementType::UInt8 ? byte_range : 1;
    adjust(to, channels_ * plane, static_cast<float>(change.factor), static_cast<float>(noise_ * range),
           change.noise_seed);
  }
  for (std::int64_t y = 0; y < change.erased.height; ++y) {
    for (std::int64_t channel = 0; channel < channels_; ++channel) {
      std::fill_n(to + channel * plane + (change.erased.y + y) * width_ + change.erased.x, change.erased.width, T{});
    }
  }
}

void Augmentation::apply(const std::byte* from, std::byte* to, Random& random, const std::uint8_t* mask_from,
                         std::uint8_t* mask_to) const {
  if (channels_ == 0) {
    std::memcpy(to, from, bytes_);
    return;
  }
  const Change drawn = draw(random);
  if (type_ == ElementType::UInt8) {
    change(reinterpret_cast<const std::uint8_t*>(from), reinterpret_cast<std::uint8_t*>(to), drawn);
  } else {
    change(reinterpret_cast<const float*>(from), reinterpret_cast<float*>(to), drawn);
  }
  if (!mask_from) return;
  const ImageSize size{1, height_, width_};
  if (drawn.is_affine()) {
    move_nearest(mask_from, mask_to, size, affine_move(size, drawn.angle, drawn.right, drawn.down, drawn.pixels));
  } else {
    move_pixels(mask_from, mask_to, size, drawn.pixels);
  }
}

}  // namespace netwright
