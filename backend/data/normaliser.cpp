#include "backend/data/normaliser.h"

#include <type_traits>

namespace netwright {

namespace {

constexpr std::size_t most_tables = 16;

/// One value for each place, whether there is one for each or one for all.
std::vector<float> by_place(const std::vector<float>& values, std::size_t places) {
  return values.size() == places ? values : std::vector<float>(places, values.front());
}

}  // namespace

Normaliser::Normaliser(const Array& like, const Normalisation& by, bool interleaves)
    : type_(like.type), interleaves_(interleaves && like.sizes.size() == 4 && like.sizes[1] > 1), scale_(by.scale) {
  // One mean for all is one place as far as the arithmetic goes, unless channels must be told apart.
  const bool is_one_for_all = by.mean.size() == 1 && !interleaves_;
  if (is_one_for_all) {
    layout_.inner = static_cast<std::size_t>(sample_elements(like));
  } else {
    layout_ = layout_around(like, interleaves_ ? 0 : by.axis);
  }
  mean_ = by_place(by.mean, layout_.places);
  deviation_ = by_place(by.deviation, layout_.places);
  if (type_ != ElementType::UInt8 || layout_.places > most_tables) return;
  for (std::size_t place = 0; place < layout_.places; ++place) {
    auto& table = tables_.emplace_back();
    for (std::size_t x = 0; x < table.size(); ++x) {
      table[x] = (static_cast<float>(x) * scale_ - mean_[place]) / deviation_[place];
    }
  }
}

template <class T>
void Normaliser::write_values(const T* sample, float* out) const {
  if (layout_.inner == 1) {
    for (std::size_t o = 0; o < layout_.outer; ++o, sample += layout_.places, out += layout_.places) {
      for (std::size_t place = 0; place < layout_.places; ++place) {
        out[place] = (static_cast<float>(sample[place]) * scale_ - mean_[place]) / deviation_[place];
      }
    }
    return;
  }
  const std::size_t step = interleaves_ ? layout_.places : 1;
  for (std::size_t o = 0; o < layout_.outer; ++o) {
    for (std::size_t place = 0; place < layout_.places; ++place, sample += layout_.inner) {
      float* to = interleaves_ ? out + place : out + (o * layout_.places + place) * layout_.inner;
      if constexpr (std::is_same_v<T, std::uint8_t>) {
        if (!tables_.empty()) {
          const auto& table = tables_[place];
          for (std::size_t i = 0; i < layout_.inner; ++i) to[i * step] = table[sample[i]];
          continue;
        }
      }
      const float mean = mean_[place];
      const float deviation = deviation_[place];
      for (std::size_t i = 0; i < layout_.inner; ++i) {
        to[i * step] = (static_cast<float>(sample[i]) * scale_ - mean) / deviation;
      }
    }
  }
}

void Normaliser::write(const std::byte* sample, float* out) const {
  if (type_ == ElementType::UInt8) {
    write_values(reinterpret_cast<const std::uint8_t*>(sample), out);
  } else {
    write_values(reinterpret_cast<const float*>(sample), out);
  }
}

}  // namespace netwright
