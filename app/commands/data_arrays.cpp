#include "app/commands/data_arrays.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <cstring>
#include <system_error>

#include "backend/data/legend_json.h"
#include "backend/data/npy.h"
#include "backend/engine/batch_producer.h"

namespace netwright {

namespace {

constexpr std::int64_t batch_size = 256;

struct Part {
  const char* name;
  torch::Tensor Batch::*tensor;
};
constexpr Part parts[] = {{"inputs", &Batch::inputs}, {"targets", &Batch::targets}, {"lengths", &Batch::lengths}};

Array array_for(const torch::Tensor& batch, std::int64_t samples) {
  std::vector<std::int64_t> sizes = batch.sizes().vec();
  sizes.front() = samples;
  return make_array(batch.scalar_type() == torch::kInt64 ? ElementType::Int64 : ElementType::Float32, sizes);
}

/// One part of the split, whose name the file begins with; no file where samples have no such part.
Result<void> write_part(BatchProducer& batches, const Part& part, const std::filesystem::path& file) {
  Array array;
  std::size_t written = 0;
  batches.begin(1);
  while (const std::optional<Batch> batch = batches.next()) {
    const torch::Tensor& tensor = (*batch).*part.tensor;
    if (!tensor.defined()) return {};
    if (array.sizes.empty()) array = array_for(tensor, batches.samples());
    std::memcpy(array.bytes.data() + written, tensor.data_ptr(), tensor.nbytes());
    written += tensor.nbytes();
  }
  return write_npy(file, array);
}

Result<void> make_empty(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const bool is_empty = !error && std::filesystem::is_empty(folder, error);
  if (error) return Error{fmt::format("The folder {} can't be made: {}.", folder.string(), error.message())};
  // Arrays of other data beside these would be taken for theirs.
  if (!is_empty) return Error{fmt::format("{} isn't empty; name a new folder.", folder.string())};
  return {};
}

}  // namespace

Result<void> write_arrays(const Dataset& data, const std::filesystem::path& folder) {
  if (auto made = make_empty(folder); !made) return made;
  for (const auto& [name, split] :
       {std::pair("train", &data.train), {"validation", &data.validation}, {"test", &data.test}}) {
    if (split->count() == 0) continue;
    const auto batches = BatchProducer::create(*split, data, {.batch_size = batch_size, .shuffle = false});
    if (!batches) return batches.error();
    for (const Part& part : parts) {
      if (auto written = write_part(**batches, part, folder / fmt::format("{}_{}.npy", name, part.name)); !written) {
        return written;
      }
    }
  }
  return write_legend(data, folder / "data.json");
}

}  // namespace netwright
