#pragma once
// How far a number moves when a user presses an arrow, and how it is written.

#include <QString>

#include <optional>

#include "backend/core/settings.h"

namespace netwright {

/// `value` moved by `steps` presses of an arrow, within the spec's range. Whole numbers move by 1. Shares (a range of
/// 0 to 1 around a default that isn't tiny: dropout, momentum) move by 0.05, and finer above 0.9, where 0.99 and 0.999
/// differ much. Other reals move by one unit of their first digit: 0.001, 0.002, ... 0.009, 0.01, 0.02.
std::int64_t stepped(const SettingSpec& spec, std::int64_t value, int steps);
double stepped(const SettingSpec& spec, double value, int steps);

/// The shortest text that gives the same number back: `0.001`, `1e-5`.
QString number_text(double value);

/// Nothing where the text isn't one number. A decimal comma is understood.
std::optional<std::int64_t> whole_from(const QString& text);
std::optional<double> real_from(const QString& text);

}  // namespace netwright
