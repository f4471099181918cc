#pragma once
// How far the settings of a run under way may go (see Command::Set).

namespace netwright {

inline constexpr int most_epochs = 1'000'000;
inline constexpr int most_discriminator_steps = 100;  ///< as the task's setting has it

}  // namespace netwright
