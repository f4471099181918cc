#pragma once
// What convolution and transposed convolution share.

#include <string>
#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

/// Of `rank` axes: out_channels, kernel_size, stride, dilation, groups and bias, each with its one line of help.
SettingSpec out_channels_setting();
SettingSpec kernel_setting(std::size_t rank);
SettingSpec stride_setting(std::size_t rank, std::string help);
SettingSpec dilation_setting(std::size_t rank, std::string help);
SettingSpec groups_setting();
SettingSpec bias_setting();

/// Where the input's channels or out_channels don't divide into the groups.
std::optional<ShapeProblem> groups_problem(const LayerView& view);
/// How output channels look back on input channels: those of their group. Exact where a group has one channel in or
/// out; else a little more than the group.
AxisWindow channel_window(const LayerView& view);

/// `weight` of the channels given and the kernel, and where asked for `bias`.
std::vector<Weight> convolution_weights(const LayerView& view, const Dim& first, const Dim& second);
/// `parameters = 32 · 3 · 3 · 3 + 32 = 896`, with the words for the two channels' axes of the weight.
FormulaLine parameters_formula(const LayerView& view, const std::vector<Weight>& weights, const std::string& words);
/// `multiply-adds = 864 · 26 · 26 = 584,064`; `places` are those that the weights are laid on.
FormulaLine macs_formula(const std::vector<Weight>& weights, const Shape& places, const Dim& macs, const char* words);
/// Weights × places.
Dim convolution_macs(const std::vector<Weight>& weights, const Shape& places);

/// `32 @ 3×3, stride 2×2, same`: what differs from the defaults.
std::string convolution_caption(const Settings& settings);

}  // namespace netwright
