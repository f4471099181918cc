#pragma once
// The values and targets of a data set's samples, in words.

#include <QString>

#include "backend/data/dataset.h"

namespace netwright {

/// Four significant digits; whole numbers as they are.
QString value_text(double value);

/// One number of an array, whatever its type.
double number_at(const Array& array, std::int64_t index);

/// A space and padding as something that is seen.
QString shown_token(const QString& token);

/// Whether there is anything to learn of the training samples.
bool has_targets(const Dataset& data);

/// Its class, its labels, its first values; empty for masks. `row`: of the training split's arrays.
QString words_of_target(const Dataset& data, std::int64_t row);

}  // namespace netwright
