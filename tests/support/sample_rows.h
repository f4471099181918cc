#pragma once
// The samples of the catalogue's rows as a test's data.

#include <QTest>

#include "backend/layers/catalogue.h"

namespace netwright {

/// Columns `row` (of the catalogue) and `sample` (of the row): one line for each sample that is wanted.
inline void add_samples(bool (*is_wanted)(const LayerSpec&, const Sample&) = nullptr) {
  QTest::addColumn<int>("row");
  QTest::addColumn<int>("sample");
  for (std::size_t row = 0; row < catalogue().size(); ++row) {
    const LayerSpec& spec = catalogue()[row];
    for (std::size_t sample = 0; sample < spec.samples.size(); ++sample) {
      if (is_wanted && !is_wanted(spec, spec.samples[sample])) continue;
      QTest::addRow("%s %zu", spec.type.c_str(), sample) << static_cast<int>(row) << static_cast<int>(sample);
    }
  }
}

}  // namespace netwright
