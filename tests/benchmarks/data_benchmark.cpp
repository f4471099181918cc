// How long it takes to prepare data and to change pictures. Prints times; asserts nothing.

#include <fmt/core.h>

#include <chrono>
#include <functional>
#include <limits>
#include <utility>

#include "backend/data/augmentation.h"
#include "backend/data/normaliser.h"
#include "backend/data/preparation.h"

using namespace netwright;

namespace {

/// Seconds; the shortest of five.
double seconds(const std::function<void()>& work) {
  double shortest = std::numeric_limits<double>::max();
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    shortest = std::min(shortest, taken.count());
  }
  return shortest;
}

Array pictures(ElementType type, std::vector<std::int64_t> sizes) {
  Array array = make_array(type, std::move(sizes));
  const std::int64_t count = array.count() * sample_elements(array);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<std::uint8_t>(scrambled(static_cast<std::uint64_t>(i)));
    if (type == ElementType::UInt8) {
      array.as<std::uint8_t>()[i] = value;
    } else {
      array.as<float>()[i] = static_cast<float>(value) / 255;
    }
  }
  return array;
}

void time_changes(ElementType type, const std::vector<std::int64_t>& sample) {
  constexpr std::int64_t count = 2000;
  const Array from = pictures(type, {count, sample[0], sample[1], sample[2]});
  const std::size_t bytes = static_cast<std::size_t>(sample_elements(from)) * bytes_of(type);
  std::vector<std::byte> to(bytes);
  std::vector<float> floats(static_cast<std::size_t>(sample_elements(from)));
  const std::vector<std::pair<const char*, Settings>> rows = {
      {"flip", {{"flip", std::string("horizontal")}}},
      {"flip and crop", {{"flip", std::string("horizontal")}, {"crop_padding", std::int64_t{4}}}},
      {"rotation and shift", {{"rotation", 15.0}, {"shift", 0.1}}},
      {"brightness", {{"brightness", 0.2}}},
      {"noise", {{"noise", 0.1}}},
      {"erasing", {{"erasing", 0.5}}},
      {"all",
       {{"flip", std::string("both")},
        {"crop_padding", std::int64_t{4}},
        {"rotation", 15.0},
        {"shift", 0.1},
        {"brightness", 0.2},
        {"noise", 0.1},
        {"erasing", 0.5}}},
  };
  const char* name = type == ElementType::UInt8 ? "bytes" : "floats";
  const auto print = [&](const char* what, double taken) {
    fmt::print("{}×{}×{} {:6} {:20} {:7.0f} ns\n", sample[0], sample[1], sample[2], name, what, taken * 1e9 / count);
  };
  for (const auto& [what, settings] : rows) {
    const Augmentation augmentation(settings, sample, type);
    print(what, seconds([&] {
            for (std::int64_t i = 0; i < count; ++i) {
              Random random(static_cast<std::uint64_t>(i));
              augmentation.apply(from.bytes.data() + static_cast<std::size_t>(i) * bytes, to.data(), random);
            }
          }));
  }
  const Normalisation by{.scale = 1.0F / 255, .mean = {0.1F}, .deviation = {0.3F}};
  for (const bool interleaves : {false, true}) {
    const Normaliser normaliser(from, by, interleaves);
    print(interleaves ? "normalising, interl." : "normalising", seconds([&] {
            for (std::int64_t i = 0; i < count; ++i) {
              normaliser.write(from.bytes.data() + static_cast<std::size_t>(i) * bytes, floats.data());
            }
          }));
  }
}

void time_preparation(const char* name, Array inputs) {
  Dataset data;
  data.name = name;
  data.classes = {"a", "b"};
  data.train = {std::move(inputs), {}};
  data.train.targets = make_array(ElementType::Int64, {data.train.inputs.count()});
  const double preparing = seconds([&] {
    Dataset copy = data;
    (void)prepare(copy, {});
  });
  const double hashing = seconds([&] { (void)fingerprint_of(data); });
  fmt::print("{}: prepared in {:.0f} ms, fingerprint in {:.0f} ms\n", name, preparing * 1e3, hashing * 1e3);
}

}  // namespace

int main() {
  for (const ElementType type : {ElementType::UInt8, ElementType::Float32}) {
    time_changes(type, {1, 28, 28});
    time_changes(type, {3, 32, 32});
  }
  fmt::print("a stream of random numbers: {:.0f} ns\n", seconds([] {
                                                          std::uint64_t sum = 0;
                                                          for (std::uint64_t i = 0; i < 100'000; ++i)
                                                            sum += Random(i).bits();
                                                          if (sum == 0) fmt::print("!");
                                                        }) * 1e4);
  time_preparation("60,000 pictures of 1×28×28 bytes", pictures(ElementType::UInt8, {60'000, 1, 28, 28}));
  time_preparation("60,000 vectors of 784 bytes", pictures(ElementType::UInt8, {60'000, 784}));
  time_preparation("1,000,000 vectors of 20 floats", pictures(ElementType::Float32, {1'000'000, 20}));
  return 0;
}
