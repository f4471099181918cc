#pragma once
// TensorBoard's event files: a run's figures as scalars, written while it trains, so that `tensorboard --logdir RUNS`
// follows it. A file is a row of TFRecords (length, masked CRC-32C of it, data, masked CRC-32C of them) that each hold
// an Event of protobuf: tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto, summary.proto.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/run/event.h"

namespace netwright {

/// Castagnoli's CRC (RFC 3720, appendix B.4), and as TFRecords mask it.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t masked_crc32c(std::string_view bytes);

struct TensorBoardScalar {
  std::string tag = {};
  float value = 0;
};

/// One record: framed bytes of an Event. Scalars that aren't finite are written as they are, as TensorBoard shows them.
std::string tensorboard_record(double wall_time, std::int64_t step, const std::vector<TensorBoardScalar>& scalars);

class TensorBoardWriter {
 public:
  /// Beside the run: `RUN/tensorboard`.
  static std::filesystem::path folder_of(const std::filesystem::path& run_folder);
  /// Removes event files that lie there and begins a new one, events.out.tfevents.<seconds>.<host>, with what `known`
  /// tells: of a resumed run the events of its cut record, so that nothing stands twice.
  static Result<TensorBoardWriter> begin(const std::filesystem::path& run_folder, const std::vector<Event>& known);
  TensorBoardWriter(TensorBoardWriter&& other) noexcept;
  TensorBoardWriter& operator=(TensorBoardWriter&&) = delete;
  ~TensorBoardWriter();

  /// Steps give `train/<figure>`, `learning_rate`, `samples_per_second`; epochs `train_epoch/<figure>` and
  /// `validation/<figure>`, or `test/…` where there is no validation split; what is watched of layers
  /// `layers/<layer>/<figure>`; the end `final_test/<figure>`. The wall
  /// time is the run's begin and the seconds since, so that pauses don't show and a rewritten file is the same.
  Result<void> write(const Event& event);

 private:
  explicit TensorBoardWriter(int descriptor, std::filesystem::path file)
      : descriptor_(descriptor), file_(std::move(file)) {}
  Result<void> write_scalars(double elapsed, std::int64_t step, const std::vector<TensorBoardScalar>& scalars);
  Result<void> write_bytes(std::string_view bytes);

  int descriptor_;
  std::filesystem::path file_;
  double started_ = 0;  ///< seconds since 1970
  std::int64_t last_step_ = 0;
  double last_elapsed_ = 0;
  std::string held_out_ = "validation";
};

}  // namespace netwright
