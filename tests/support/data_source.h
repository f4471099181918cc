#pragma once
// Data sets as their sources give them.

#include <QTest>
#include <string>
#include <utility>
#include <vector>

#include "backend/data/data_catalogue.h"

namespace netwright {

inline bool operator==(const DataDescription& one, const DataDescription& other) {
  return one.sample_shape == other.sample_shape && one.classes == other.classes &&
         one.train_samples == other.train_samples && one.test_samples == other.test_samples &&
         one.target == other.target && one.target_shape == other.target_shape && one.type == other.type &&
         one.vocabulary == other.vocabulary;
}

/// Neither split nor normalised.
inline Result<Dataset> load_unprepared(const std::string& source, const Settings& settings) {
  const DataSpec* spec = find_data_spec(source);
  return spec->load(completed(spec->settings, settings));
}

/// The same, after its description, which must be what is loaded; fails the test where it isn't, or nothing is.
inline Dataset load_as_described(const std::string& source, const Settings& settings) {
  auto data = load_unprepared(source, settings);
  if (!data) {
    QTest::qFail(data.error().message.c_str(), __FILE__, __LINE__);
    return {};
  }
  const DataSpec* spec = find_data_spec(source);
  const auto description = spec->describe(completed(spec->settings, settings));
  if (!description || !(*description == description_of(*data))) {
    QTest::qFail(("the description of " + source + " isn't what is loaded").c_str(), __FILE__, __LINE__);
  }
  return std::move(*data);
}

/// Row `index` of an array as plain numbers.
template <class T>
std::vector<T> row_of(const Array& array, std::int64_t index) {
  const std::int64_t elements = sample_elements(array);
  const T* first = array.as<T>() + index * elements;
  return {first, first + elements};
}

}  // namespace netwright
