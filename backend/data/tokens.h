#pragma once
// Texts as numbers: their words or characters, and the vocabulary that numbers them.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backend/data/dataset.h"

namespace netwright {

/// The text's tokens as the vocabulary's rules cut it. A word is a run of letters and digits, apostrophes within it
/// included; every other visible character is a token of its own. By character, white space of any length is one " ",
/// and none at the ends. What is no UTF-8 becomes U+FFFD.
std::vector<std::string> tokens_of(std::string_view text, const Vocabulary& vocabulary);

/// The numbers of the text's tokens: at most `length` (the first, or the last where the vocabulary says so), at least
/// one (unknown, where the text has no tokens). What is missing to `length` is for the caller to pad.
std::vector<std::int64_t> encoded(std::string_view text, const Vocabulary& vocabulary, std::int64_t length);

/// Hash of std::string keys that are looked up by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// encoded() for many texts. The vocabulary outlives it.
class Encoder {
 public:
  explicit Encoder(const Vocabulary& vocabulary);
  std::vector<std::int64_t> encoded(std::string_view text, std::int64_t length) const;
  /// Writes one row of a split: the numbers, padding after them; returns how many are the text's own.
  std::int64_t encode_to(std::string_view text, std::int64_t* row, std::int64_t length) const;

 private:
  const Vocabulary& vocabulary_;
  std::unordered_map<std::string_view, std::int64_t> numbers_;
};

/// Counts the tokens of texts, to make a vocabulary of them.
class TokenCounts {
 public:
  /// Of `rules` only the flags count.
  explicit TokenCounts(Vocabulary rules);
  /// Once there are ten million different tokens, new ones aren't counted any more.
  void add(std::string_view text);
  /// The tokens that came `min_freq` times or more, the most frequent first and equals in the order of their bytes,
  /// with padding and unknown at most `max_tokens` (torchtext.vocab.build_vocab_from_iterator).
  Vocabulary vocabulary(std::int64_t min_freq, std::int64_t max_tokens) const;

 private:
  Vocabulary rules_;
  TextMap<std::int64_t> counts_;
};

}  // namespace netwright
