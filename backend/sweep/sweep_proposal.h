#pragma once

#include "backend/sweep/sweep.h"
#include "backend/sweep/variable_setting.h"

namespace netwright {

/// What is worth trying first around the present value: of a number three that go up by √10 (a rate) or by 2 (a whole
/// number), of a share some around it, of a choice the present one and others, of a flag both. At least one value, the
/// present one among them, all allowed by the spec.
SweepAxis proposed_axis(const VariableSetting& setting);

/// The same as a range, for numbers: from a tenth to ten times (a rate), half to double (a whole number).
SweepRange proposed_range(const VariableSetting& setting);

}  // namespace netwright
