#include "designer/training/sample_cache.h"

#include <algorithm>

namespace netwright {

ReadSample read_for_view(const QString& run_folder, const SampleEvent& event) {
  Result<SampleContent> content = read_sample(run_folder, event);
  if (!content) return {nullptr, QString::fromStdString(content.error().message)};
  return {std::make_shared<const SampleContent>(std::move(*content)), {}};
}

std::shared_ptr<const SampleContent> SampleCache::find(const std::string& file) {
  const auto found = entries_.find(file);
  if (found == entries_.end()) return nullptr;
  found->second.used = ++clock_;
  return found->second.content;
}

void SampleCache::add(const std::string& file, const ReadSample& sample) {
  if (!sample.content || entries_.contains(file)) return;
  const std::size_t bytes = bytes_of(*sample.content);
  entries_[file] = {sample.content, bytes, ++clock_};
  bytes_ += bytes;
  while (bytes_ > most_bytes_ && entries_.size() > 1) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(),
                                         [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

void SampleCache::clear() {
  entries_.clear();
  bytes_ = 0;
}

}  // namespace netwright
