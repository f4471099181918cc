#include "backend/report/tensorboard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

namespace netwright {

namespace {

constexpr std::uint32_t castagnoli = 0x82f63b78;  // the polynomial, lowest bit first
constexpr const char* event_file_prefix = "events.out.tfevents.";

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? castagnoli : 0);
    table[i] = remainder;
  }
  return table;
}

/// Lowest byte first, as both protobuf and TFRecords have it.
template <class T>
void append_fixed(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
}

void append_varint(std::string& bytes, std::uint64_t value) {
  while (value >= 0x80) {
    bytes += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  bytes += static_cast<char>(value);
}

enum class WireType : std::uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

void append_key(std::string& bytes, std::uint32_t field, WireType type) {
  append_varint(bytes, (field << 3) | static_cast<std::uint32_t>(type));
}

void append_bytes(std::string& bytes, std::uint32_t field, std::string_view content) {
  append_key(bytes, field, WireType::Bytes);
  append_varint(bytes, content.size());
  bytes += content;
}

/// Event.wall_time = 1, step = 2.
std::string event_head(double wall_time, std::int64_t step) {
  std::string event;
  append_key(event, 1, WireType::Fixed64);
  append_fixed(event, std::bit_cast<std::uint64_t>(wall_time));
  append_key(event, 2, WireType::Varint);
  append_varint(event, static_cast<std::uint64_t>(step));
  return event;
}

std::string framed(std::string_view data) {
  std::string record;
  append_fixed(record, static_cast<std::uint64_t>(data.size()));
  append_fixed(record, masked_crc32c(record));
  record += data;
  append_fixed(record, masked_crc32c(data));
  return record;
}

/// Event.file_version = 3: how every file begins.
std::string version_record(double wall_time) {
  std::string event = event_head(wall_time, 0);
  append_bytes(event, 3, "brain.Event:2");
  return framed(event);
}

double now_in_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Of UTC in ISO 8601; `otherwise` for what is none.
double seconds_since_1970(const std::string& utc, double otherwise) {
  std::tm time{};
  if (std::sscanf(utc.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &time.tm_year, &time.tm_mon, &time.tm_mday, &time.tm_hour,
                  &time.tm_min, &time.tm_sec) != 6) {
    return otherwise;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return static_cast<double>(::timegm(&time));
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "localhost";
  return name.data();
}

void add_scalars(std::vector<TensorBoardScalar>& scalars, const std::string& folder, const FigureValues& values) {
  for (const auto& [name, value] : values) {
    scalars.push_back({fmt::format("{}/{}", folder, name), static_cast<float>(value)});
  }
}

void remove_event_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> old;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(event_file_prefix)) old.push_back(entry->path());
  }
  for (const std::filesystem::path& file : old) std::filesystem::remove(file, error);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t remainder = 0xffffffff;
  for (const char byte : bytes)
    remainder = (remainder >> 8) ^ table[(remainder ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~remainder;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8;
}

std::string tensorboard_record(double wall_time, std::int64_t step, const std::vector<TensorBoardScalar>& scalars) {
  std::string summary;
  for (const TensorBoardScalar& scalar : scalars) {
    // Summary.value = 1: tag = 1, simple_value = 2.
    std::string value;
    append_bytes(value, 1, scalar.tag);
    append_key(value, 2, WireType::Fixed32);
    append_fixed(value, std::bit_cast<std::uint32_t>(scalar.value));
    append_bytes(summary, 1, value);
  }
  std::string event = event_head(wall_time, step);
  append_bytes(event, 5, summary);
  return framed(event);
}

std::filesystem::path TensorBoardWriter::folder_of(const std::filesystem::path& run_folder) {
  return run_folder / "tensorboard";
}

Result<TensorBoardWriter> TensorBoardWriter::begin(const std::filesystem::path& run_folder,
                                                   const std::vector<Event>& known) {
  const std::filesystem::path folder = folder_of(run_folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{fmt::format("Can't make the folder {}: {}.", folder.string(), error.message())};
  remove_event_files(folder);
  const double now = now_in_seconds();
  const std::filesystem::path file =
      folder / fmt::format("{}{:010}.{}", event_file_prefix, static_cast<std::int64_t>(now), host_name());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return Error{fmt::format("Can't write {}: {}.", file.string(), std::strerror(errno))};
  TensorBoardWriter writer(descriptor, file);
  writer.started_ = now;
  const auto* run = known.empty() ? nullptr : std::get_if<RunEvent>(&known.front());
  if (run) writer.started_ = seconds_since_1970(run->started, now);
  if (auto written = writer.write_bytes(version_record(writer.started_)); !written) return written.error();
  for (const Event& event : known) {
    if (auto written = writer.write(event); !written) return written.error();
  }
  return writer;
}

TensorBoardWriter::TensorBoardWriter(TensorBoardWriter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      file_(std::move(other.file_)),
      started_(other.started_),
      last_step_(other.last_step_),
      last_elapsed_(other.last_elapsed_),
      held_out_(std::move(other.held_out_)) {}

TensorBoardWriter::~TensorBoardWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> TensorBoardWriter::write(const Event& event) {
  std::vector<TensorBoardScalar> scalars;
  if (const auto* run = std::get_if<RunEvent>(&event)) {
    started_ = seconds_since_1970(run->started, started_);
    held_out_ = run->validation_samples > 0 ? "validation" : "test";
  } else if (const auto* step = std::get_if<StepEvent>(&event)) {
    add_scalars(scalars, "train", step->figures);
    scalars.push_back({"learning_rate", static_cast<float>(step->learning_rate)});
    scalars.push_back({"samples_per_second", static_cast<float>(step->samples_per_second)});
    last_step_ = step->step;
    last_elapsed_ = step->elapsed;
    return write_scalars(step->elapsed, step->step, scalars);
  } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
    add_scalars(scalars, "train_epoch", epoch->train);
    add_scalars(scalars, held_out_, epoch->held_out);
    last_step_ = epoch->step;
    return write_scalars(epoch->elapsed, epoch->step, scalars);
  } else if (const auto* layers = std::get_if<LayersEvent>(&event)) {
    for (const LayerFigures& layer : layers->layers) add_scalars(scalars, "layers/" + layer.layer, layer.values);
    return write_scalars(last_elapsed_, layers->step, scalars);
  } else if (const auto* done = std::get_if<DoneEvent>(&event); done && !done->test.empty()) {
    add_scalars(scalars, "final_test", done->test);
    return write_scalars(done->elapsed, last_step_, scalars);
  }
  return {};
}

Result<void> TensorBoardWriter::write_scalars(double elapsed, std::int64_t step,
                                              const std::vector<TensorBoardScalar>& scalars) {
  return write_bytes(tensorboard_record(started_ + elapsed, step, scalars));
}

Result<void> TensorBoardWriter::write_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Error{fmt::format("Writing {} failed: {}.", file_.string(), std::strerror(errno))};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace netwright
