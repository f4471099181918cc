#include "backend/engine/sample_files.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "backend/core/safe_file.h"
#include "backend/data/image_file.h"
#include "backend/data/image_grid.h"
#include "backend/engine/sample_batch.h"

namespace netwright {

namespace {

namespace fs = std::filesystem;

std::string file_of(const SamplePlace& place, const std::string& kind, const char* extension) {
  const std::string moment =
      place.is_asked ? fmt::format("{:04}-step-{}", place.epoch, place.step) : fmt::format("{:04}", place.epoch);
  return fmt::format("samples/{}-{}.{}", kind, moment, extension);
}

Event told(const Result<void>& written, SampleEvent event) {
  if (!written) return MessageEvent{"warning", "A sample couldn't be kept: " + written.error().message};
  return event;
}

void make_folder(const SamplePlace& place) {
  std::error_code ignored;  // writing says what is wrong
  fs::create_directories(place.folder / "samples", ignored);
}

}  // namespace

Event write_sample(const SamplePlace& place, const std::string& kind, const nlohmann::ordered_json& content) {
  make_folder(place);
  SampleEvent event{.kind = kind, .file = file_of(place, kind, "json"), .step = place.step, .epoch = place.epoch};
  const auto text = content.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return told(write_file(place.folder / event.file, text), event);
}

Event write_sample(const SamplePlace& place, const std::string& kind, const std::vector<Array>& pictures, int columns) {
  make_folder(place);
  SampleEvent event{.kind = kind,
                    .file = file_of(place, kind, "png"),
                    .step = place.step,
                    .epoch = place.epoch,
                    .rows = (static_cast<int>(pictures.size()) + columns - 1) / columns,
                    .columns = columns};
  return told(write_png(place.folder / event.file, image_grid(pictures, columns)), event);
}

bool are_pictures(const Legend& legend) {
  return legend.sample_shape.rank() == 3 && (legend.sample_shape[0] == 1 || legend.sample_shape[0] == 3);
}

Array picture_of(const torch::Tensor& sample, const Legend& legend, ElementType type) {
  const torch::Tensor values = sample.detach().to(torch::kCPU, torch::kFloat32);
  // Bytes come back as they were; of real numbers three deviations to either side are shown.
  const torch::Tensor light = type == ElementType::UInt8
                                  ? without_normalisation(values.unsqueeze(0), legend.normalisation).squeeze(0)
                                  : (values + 3) / 6;
  const torch::Tensor bytes = (255 * light.nan_to_num(0, 0, 0).clamp(0, 1) + 0.5).to(torch::kUInt8).contiguous();
  Array picture = make_array(ElementType::UInt8, bytes.sizes().vec());
  std::memcpy(picture.bytes.data(), bytes.data_ptr(), picture.bytes.size());
  return picture;
}

}  // namespace netwright
