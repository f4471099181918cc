#include "backend/engine/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>
#include <system_error>

namespace netwright {

namespace {

constexpr std::string_view optimiser_prefix = "optimiser.";
constexpr std::string_view generator_prefix = "generator.";
constexpr const char* progress_key = "progress";

struct TypeName {
  torch::ScalarType type;
  std::string_view name;
};
constexpr std::array type_names = {TypeName{torch::kFloat32, "F32"}, TypeName{torch::kFloat64, "F64"},
                                   TypeName{torch::kFloat16, "F16"}, TypeName{torch::kBFloat16, "BF16"},
                                   TypeName{torch::kInt64, "I64"},   TypeName{torch::kInt32, "I32"},
                                   TypeName{torch::kUInt8, "U8"},    TypeName{torch::kBool, "BOOL"}};

std::string name_of(torch::ScalarType type) {
  const auto* it =
      std::find_if(type_names.begin(), type_names.end(), [&](const auto& row) { return row.type == type; });
  return it == type_names.end() ? torch::toString(type) : std::string(it->name);
}

NamedTensor to_file(std::string name, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.detach().to(torch::kCPU).contiguous();
  NamedTensor entry = {
      .name = std::move(name), .dtype = name_of(whole.scalar_type()), .sizes = whole.sizes().vec(), .bytes = {}};
  entry.bytes.resize(whole.nbytes());
  if (!entry.bytes.empty()) std::memcpy(entry.bytes.data(), whole.data_ptr(), entry.bytes.size());
  return entry;
}

/// A copy; none for types that no checkpoint holds.
std::optional<torch::Tensor> from_file(const NamedTensor& entry) {
  const auto* it =
      std::find_if(type_names.begin(), type_names.end(), [&](const auto& row) { return row.name == entry.dtype; });
  if (it == type_names.end()) return std::nullopt;
  torch::Tensor tensor = torch::empty(entry.sizes, torch::TensorOptions(it->type));
  if (tensor.nbytes() != entry.bytes.size()) return std::nullopt;
  if (!entry.bytes.empty()) std::memcpy(tensor.data_ptr(), entry.bytes.data(), entry.bytes.size());
  return tensor;
}

std::string description(const std::string& type, torch::IntArrayRef sizes) {
  return fmt::format("{} [{}]", type, fmt::join(sizes, ", "));
}

/// Lines of complaints, the first few in full.
std::string joined(const std::vector<std::string>& complaints) {
  constexpr std::size_t shown = 8;
  const std::size_t count = std::min(shown, complaints.size());
  std::string text = fmt::format("{}", fmt::join(complaints.begin(), complaints.begin() + count, "; "));
  if (complaints.size() > shown) text += fmt::format("; and {} more", complaints.size() - shown);
  return text;
}

}  // namespace

std::vector<NamedTensor> weights_of(const GraphModule& module) {
  std::vector<NamedTensor> weights;
  for (const auto& [name, tensor] : module.named_state()) weights.push_back(to_file(name, tensor));
  return weights;
}

Result<void> save_checkpoint(const std::filesystem::path& path, const GraphModule& module, const Optimiser* optimiser,
                             const TrainingState& state) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return Error{fmt::format("Can't make {}: {}", path.parent_path().string(), error.message())};
  TensorFile file;
  file.metadata = {{"format", "pt"}, {progress_key, state.progress}};
  file.tensors = weights_of(module);
  if (optimiser) {
    for (const auto& [name, tensor] : optimiser->state()) {
      file.tensors.push_back(to_file(std::string(optimiser_prefix) + name, tensor));
    }
  }
  for (const auto& [name, tensor] : state.generators) {
    file.tensors.push_back(to_file(std::string(generator_prefix) + name, tensor));
  }
  return write_safetensors(path, file);
}

Result<TrainingState> load_checkpoint(const std::filesystem::path& path, GraphModule& module, Optimiser* optimiser) {
  Result<TensorFile> file = read_safetensors(path);
  if (!file) return file.error();

  std::map<std::string, const NamedTensor*, std::less<>> entries;
  for (const NamedTensor& entry : file->tensors) entries[entry.name] = &entry;

  std::vector<std::string> complaints;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;
  for (const auto& [name, own] : module.named_state()) {
    const auto it = entries.find(name);
    if (it == entries.end()) {
      complaints.push_back(fmt::format("{} is missing", name));
      continue;
    }
    const NamedTensor& entry = *it->second;
    entries.erase(it);
    const std::optional<torch::Tensor> tensor = from_file(entry);
    if (!tensor || tensor->sizes() != own.sizes() || tensor->scalar_type() != own.scalar_type()) {
      complaints.push_back(fmt::format("{} is {}, but the network has {}", name, description(entry.dtype, entry.sizes),
                                       description(name_of(own.scalar_type()), own.sizes())));
      continue;
    }
    copies.emplace_back(own, *tensor);
  }

  TrainingState state;
  NamedTensors optimiser_state;
  for (const auto& [name, entry] : entries) {
    const bool is_optimiser = name.starts_with(optimiser_prefix);
    if (!is_optimiser && !name.starts_with(generator_prefix)) {
      complaints.push_back(fmt::format("the network has no {}", name));
      continue;
    }
    const std::optional<torch::Tensor> tensor = from_file(*entry);
    if (!tensor) {
      complaints.push_back(fmt::format("{} has the type {}, which isn't known here", name, entry->dtype));
    } else if (is_optimiser) {
      optimiser_state.emplace_back(name.substr(optimiser_prefix.size()), *tensor);
    } else {
      state.generators.emplace_back(name.substr(generator_prefix.size()), *tensor);
    }
  }
  if (!complaints.empty()) {
    return Error{fmt::format("{} doesn't fit the network: {}.", path.string(), joined(complaints))};
  }
  if (optimiser) {
    if (Result<void> loaded = optimiser->load_state(optimiser_state); !loaded) {
      return Error{fmt::format("{} doesn't fit the recipe: {}", path.string(), loaded.error().message)};
    }
  }
  const torch::NoGradGuard no_grad;
  for (auto& [own, tensor] : copies) own.copy_(tensor);
  if (const auto it = file->metadata.find(progress_key); it != file->metadata.end()) state.progress = it->second;
  return state;
}

}  // namespace netwright
