#pragma once
// The samples looked at lately, so that a slider moved to and fro reads each file once.

#include <QString>
#include <map>
#include <memory>
#include <string>

#include "designer/training/sample_content.h"

namespace netwright {

/// What was read of one event: content, or why there is none.
struct ReadSample {
  std::shared_ptr<const SampleContent> content;
  QString problem;
};

/// Off the GUI's thread too.
ReadSample read_for_view(const QString& run_folder, const SampleEvent& event);

/// Content by file; the longest unused goes first. Problems aren't kept: a file may still come.
class SampleCache {
 public:
  explicit SampleCache(std::size_t most_bytes = std::size_t{48} << 20) : most_bytes_(most_bytes) {}

  /// Null where it isn't held.
  std::shared_ptr<const SampleContent> find(const std::string& file);
  void add(const std::string& file, const ReadSample& sample);
  void clear();
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::shared_ptr<const SampleContent> content;
    std::size_t bytes = 0;
    qint64 used = 0;
  };
  std::map<std::string, Entry> entries_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  qint64 clock_ = 0;
};

}  // namespace netwright
