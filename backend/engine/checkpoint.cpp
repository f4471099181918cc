#include "backend/engine/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>
#include <system_error>

#include "backend/interop/checkpoint_names.h"

namespace netwright {

namespace {

constexpr const char* progress_key = "progress";
constexpr const char* memory_key = "memory";

std::string random_name(std::string_view name) {
  return fmt::format("{}random/{}", training_prefix, name);
}

std::string own_weight_name(std::string_view full_name) {
  return fmt::format("{}weights/{}", training_prefix, full_name);
}

/// What stands before the names of a learner's state.
std::string state_prefix(const std::string& network) {
  return fmt::format("{}learner/{}{}", training_prefix, network, network.empty() ? "" : "/");
}

std::string weight_prefix(const std::string& network) {
  return network.empty() ? network : network + '.';
}

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

std::vector<NamedTensor> files_of(const NamedTensors& tensors, const std::string& prefix) {
  std::vector<NamedTensor> files;
  for (const auto& [name, tensor] : tensors) files.push_back(to_file(prefix + name, tensor));
  return files;
}

void append(std::vector<NamedTensor>& to, std::vector<NamedTensor> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

bool keeps_average(const NamedTensors& learner_state) {
  return std::any_of(learner_state.begin(), learner_state.end(),
                     [](const auto& entry) { return entry.first == Learner::average_name; });
}

/// A file's content by name, and what is copied from it once everything is known to fit.
class Reading {
 public:
  Reading(Reading&&) = default;
  static Result<Reading> begin(const std::filesystem::path& path) {
    Result<TensorFile> file = read_safetensors(path);
    if (!file) return file.error();
    return Reading(path, std::move(*file));
  }

  /// A network's weights; `are_own`: those that training goes on with, where they aren't those to use.
  Result<void> want(const std::string& network, const GraphModule& module, bool are_own) {
    const Result<std::string> prefix = prefix_in(file_, network);
    if (!prefix) return Error{fmt::format("{} doesn't fit the network: {}", path_.string(), prefix.error().message)};
    for (const auto& [plain, own] : module.named_state()) {
      const std::string name = *prefix + plain;
      const NamedTensor* entry = take(name);
      const NamedTensor* own_entry = are_own ? take(own_weight_name(name)) : nullptr;
      if (own_entry) entry = own_entry;
      if (!entry) {
        complaints_.push_back(fmt::format("{} is missing", name));
        continue;
      }
      const std::optional<torch::Tensor> tensor = from_file(*entry);
      if (!tensor || tensor->sizes() != own.sizes() || tensor->scalar_type() != own.scalar_type()) {
        complaints_.push_back(fmt::format("{} is {}, but the network has {}", entry->name,
                                          description(entry->dtype, entry->sizes),
                                          description(name_of(own.scalar_type()), own.sizes())));
        continue;
      }
      copies_.emplace_back(own, *tensor);
    }
    wanted_.push_back(*prefix);
    return {};
  }

  /// All entries whose names begin so, without that beginning.
  NamedTensors take_all(const std::string& prefix) {
    NamedTensors taken;
    for (auto it = entries_.lower_bound(prefix); it != entries_.end() && it->first.starts_with(prefix);) {
      if (const std::optional<torch::Tensor> tensor = from_file(*it->second)) {
        taken.emplace_back(it->first.substr(prefix.size()), *tensor);
      } else {
        complaints_.push_back(fmt::format("{} has the type {}, which isn't known here", it->first, it->second->dtype));
      }
      it = entries_.erase(it);
    }
    return taken;
  }

  /// Refuses what wasn't wanted, unless it is training's or another network's.
  Result<void> check() {
    for (const auto& [name, entry] : entries_) {
      const bool may_be_left =
          is_training_state(name) ||
          std::none_of(wanted_.begin(), wanted_.end(), [&](const auto& p) { return name.starts_with(p); });
      if (!may_be_left) complaints_.push_back(fmt::format("the network has no {}", name));
    }
    if (complaints_.empty()) return {};
    return Error{fmt::format("{} doesn't fit the network: {}.", path_.string(), joined(complaints_))};
  }

  void copy() {
    const torch::NoGradGuard no_grad;
    for (auto& [own, tensor] : copies_) own.copy_(tensor);
  }

  std::string text(const char* key) const {
    const auto it = file_.metadata.find(key);
    return it == file_.metadata.end() ? std::string() : it->second;
  }

 private:
  Reading(std::filesystem::path path, TensorFile file) : path_(std::move(path)), file_(std::move(file)) {
    for (const NamedTensor& entry : file_.tensors) entries_[entry.name] = &entry;
  }
  const NamedTensor* take(const std::string& name) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return nullptr;
    const NamedTensor* entry = it->second;
    entries_.erase(it);
    return entry;
  }

  std::filesystem::path path_;
  TensorFile file_;
  std::map<std::string, const NamedTensor*, std::less<>> entries_;  // into file_, whose tensors stay where they are
  std::vector<std::string> complaints_;
  std::vector<std::string> wanted_;  ///< prefixes of the networks that were asked for
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies_;
};

Result<void> write_with_folder(const std::filesystem::path& path, const TensorFile& file) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return Error{fmt::format("Can't make {}: {}", path.parent_path().string(), error.message())};
  return write_safetensors(path, file);
}

NamedTensors clones_of(NamedTensors tensors) {
  for (auto& [name, tensor] : tensors) tensor = tensor.clone();
  return tensors;
}

}  // namespace

std::vector<NamedTensor> weights_of(const GraphModule& module) {
  return files_of(module.named_state(), {});
}

Result<void> save_checkpoint(const std::filesystem::path& path, const std::vector<SavedLearner>& learners,
                             const TrainingState& state) {
  TensorFile file;
  file.metadata = {{"format", "pt"}, {progress_key, state.progress}};
  if (!state.memory.empty()) file.metadata[memory_key] = state.memory;
  std::vector<std::string> networks;
  for (const auto& [network, learner] : learners) {
    const std::string prefix = weight_prefix(network);
    const NamedTensors learned = learner.state();
    append(file.tensors, files_of(learned, state_prefix(network)));
    if (keeps_average(learned)) {
      NamedTensors own = learner.module().named_state();
      std::erase_if(own, [](const auto& entry) { return !entry.second.requires_grad(); });
      append(file.tensors, files_of(own, own_weight_name(prefix)));
    }
    const Learner::Averaged averaged(learner);
    append(file.tensors, files_of(learner.module().named_state(), prefix));
    if (!network.empty()) networks.push_back(network);
  }
  if (!networks.empty()) file.metadata[networks_key] = fmt::format("{}", fmt::join(networks, ","));
  append(file.tensors, files_of(state.random, random_name("")));
  return write_with_folder(path, file);
}

Result<TrainingState> load_checkpoint(const std::filesystem::path& path, const std::vector<SavedLearner>& learners) {
  Result<Reading> reading = Reading::begin(path);
  if (!reading) return reading.error();
  std::vector<NamedTensors> learned;
  for (const auto& [network, learner] : learners) {
    if (const auto known = reading->want(network, learner.module(), true); !known) return known.error();
    learned.push_back(reading->take_all(state_prefix(network)));
    if (learned.back().empty()) {
      return Error{
          fmt::format("{} holds weights alone: training can begin with them, but not go on as if it had never "
                      "stopped.",
                      path.string())};
    }
  }
  TrainingState state{.progress = reading->text(progress_key),
                      .memory = reading->text(memory_key),
                      .random = reading->take_all(random_name(""))};
  if (const auto fits = reading->check(); !fits) return fits.error();

  std::vector<NamedTensors> before;
  for (std::size_t i = 0; i < learners.size(); ++i) {
    before.push_back(clones_of(learners[i].learner.state()));
    const Result<void> loaded = learners[i].learner.load_state(learned[i]);
    if (loaded) continue;
    for (std::size_t done = 0; done < i; ++done) {
      if (!learners[done].learner.load_state(before[done])) continue;  // it is its own state
    }
    return Error{fmt::format("{} doesn't fit the recipe: {}", path.string(), loaded.error().message)};
  }
  reading->copy();
  return state;
}

Result<void> save_weights(const std::filesystem::path& path, const GraphModule& module) {
  return write_with_folder(path, {.tensors = weights_of(module), .metadata = {{"format", "pt"}}});
}

Result<void> load_weights(const std::filesystem::path& path, const std::vector<SavedWeights>& networks) {
  Result<Reading> reading = Reading::begin(path);
  if (!reading) return reading.error();
  for (const auto& [network, module] : networks) {
    if (const auto known = reading->want(network, module, false); !known) return known.error();
  }
  if (const auto fits = reading->check(); !fits) return fits.error();
  reading->copy();
  return {};
}

Result<void> load_weights(const std::filesystem::path& path, GraphModule& module, const std::string& network) {
  return load_weights(path, {{network, module}});
}

Result<void> load_learned(const std::filesystem::path& path, const std::vector<SavedLearner>& learners) {
  std::vector<SavedWeights> networks;
  for (const auto& [network, learner] : learners) networks.push_back({network, learner.module()});
  if (const auto loaded = load_weights(path, networks); !loaded) return loaded.error();
  for (const auto& [network, learner] : learners) learner.restart_average();
  return {};
}

void take_weights(GraphModule& module, const std::vector<NamedTensor>& weights) {
  const torch::NoGradGuard no_grad;
  std::map<std::string, torch::Tensor> own;
  for (const auto& [name, tensor] : module.named_state()) own.emplace(name, tensor);
  for (const NamedTensor& entry : weights) {
    const auto place = own.find(entry.name);
    const std::optional<torch::Tensor> tensor = from_file(entry);
    if (place != own.end() && tensor && tensor->sizes() == place->second.sizes()) place->second.copy_(*tensor);
  }
}

std::optional<std::string> take_training_state(const std::filesystem::path& path,
                                               const std::vector<SavedLearner>& learners) {
  const Result<TensorFile> file = read_safetensors(path);
  if (!file) return file.error().message;
  std::vector<NamedTensors> states;
  std::vector<std::vector<NamedTensor>> own_weights;
  for (const auto& [network, learner] : learners) {
    const Result<std::string> prefix = prefix_in(*file, network);
    if (!prefix) return prefix.error().message;
    // The optimiser's numbers lie in one row, in the order of the weights.
    std::vector<std::string> there;
    NamedTensors state;
    std::vector<NamedTensor> own;
    for (const NamedTensor& entry : file->tensors) {
      const std::string own_prefix = own_weight_name(*prefix);
      const std::optional<torch::Tensor> tensor = from_file(entry);
      if (entry.name.starts_with(own_prefix)) {
        own.push_back(entry);
        own.back().name = entry.name.substr(own_prefix.size());
      } else if (entry.name.starts_with(state_prefix(network)) && tensor) {
        state.emplace_back(entry.name.substr(state_prefix(network).size()), *tensor);
      } else if (!is_training_state(entry.name) && entry.name.starts_with(*prefix) && entry.dtype == "F32") {
        there.push_back(description(entry.name.substr(prefix->size()), entry.sizes));
      }
    }
    std::vector<std::string> here;
    for (const auto& [name, tensor] : learner.module().named_state()) {
      if (tensor.scalar_type() == torch::kFloat32) here.push_back(description(name, tensor.sizes()));
    }
    if (state.empty()) return "the file holds weights alone";
    if (here != there) return "the network isn't the one that it learned with";
    states.push_back(std::move(state));
    own_weights.push_back(std::move(own));
  }
  std::vector<NamedTensors> before;
  for (std::size_t i = 0; i < learners.size(); ++i) {
    before.push_back(clones_of(learners[i].learner.state()));
    const auto taken = learners[i].learner.take_over(states[i]);
    if (taken) continue;
    for (std::size_t done = 0; done < i; ++done) {
      if (!learners[done].learner.load_state(before[done])) continue;  // it is its own state
    }
    return taken.error().message;
  }
  for (std::size_t i = 0; i < learners.size(); ++i) take_weights(learners[i].learner.module(), own_weights[i]);
  return std::nullopt;
}

NamedTensors random_states(torch::Device device) {
  NamedTensors states;
  const auto add = [&](const char* name, torch::Generator generator) {
    const std::lock_guard lock(generator.mutex());
    states.emplace_back(name, generator.get_state());
  };
  add("cpu", at::detail::getDefaultCPUGenerator());
  if (!device.is_cpu()) add("device", at::globalContext().defaultGenerator(device));
  return states;
}

void restore_random_states(const NamedTensors& states, torch::Device device) {
  const auto set = [](torch::Generator generator, const torch::Tensor& state) {
    const std::lock_guard lock(generator.mutex());
    generator.set_state(state);
  };
  for (const auto& [name, state] : states) {
    if (name == "cpu") set(at::detail::getDefaultCPUGenerator(), state);
    if (name == "device" && !device.is_cpu()) set(at::globalContext().defaultGenerator(device), state);
  }
}

}  // namespace netwright
