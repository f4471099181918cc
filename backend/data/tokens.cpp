#include "backend/data/tokens.h"

#include <algorithm>

#include "backend/core/utf8.h"

namespace netwright {

namespace {

constexpr std::size_t most_different = 10'000'000;

bool is_apostrophe(char32_t character) {
  return character == U'\'' || character == U'\u2019';
}

/// Calls `take` with each token, a std::string that it may not keep.
template <class Take>
void each_character(std::string_view text, bool is_lower_case, Take&& take) {
  std::string token;
  const auto give = [&](char32_t character) {
    token.clear();
    append_character(token, character);
    take(token);
  };
  bool has_given = false;
  bool is_after_space = false;
  while (!text.empty()) {
    const char32_t character = take_character(text);
    if (is_white_space(character)) {
      is_after_space = has_given;
      continue;
    }
    if (is_after_space) give(U' ');
    is_after_space = false;
    has_given = true;
    give(is_lower_case ? lower_case(character) : character);
  }
}

template <class Take>
void each_word(std::string_view text, bool is_lower_case, Take&& take) {
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) take(word);
    word.clear();
  };
  while (!text.empty()) {
    const char32_t character = take_character(text);
    if (is_word_character(character)) {
      append_character(word, is_lower_case ? lower_case(character) : character);
      continue;
    }
    if (is_apostrophe(character) && !word.empty() && !text.empty()) {
      std::string_view rest = text;
      if (is_word_character(take_character(rest))) {
        word += '\'';
        continue;
      }
    }
    end_word();
    if (is_white_space(character)) continue;
    append_character(word, character);
    end_word();
  }
  end_word();
}

template <class Take>
void each_token(std::string_view text, const Vocabulary& rules, Take&& take) {
  if (rules.is_by_character) {
    each_character(text, rules.is_lower_case, take);
  } else {
    each_word(text, rules.is_lower_case, take);
  }
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text, const Vocabulary& vocabulary) {
  std::vector<std::string> tokens;
  each_token(text, vocabulary, [&](const std::string& token) { tokens.push_back(token); });
  return tokens;
}

std::vector<std::int64_t> encoded(std::string_view text, const Vocabulary& vocabulary, std::int64_t length) {
  return Encoder(vocabulary).encoded(text, length);
}

Encoder::Encoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {
  numbers_.reserve(vocabulary.tokens.size());
  for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    numbers_.emplace(vocabulary.tokens[i], static_cast<std::int64_t>(i));
  }
}

std::vector<std::int64_t> Encoder::encoded(std::string_view text, std::int64_t length) const {
  std::vector<std::int64_t> numbers;
  each_token(text, vocabulary_, [&](const std::string& token) {
    const auto number = numbers_.find(std::string_view(token));
    numbers.push_back(number == numbers_.end() ? Vocabulary::unknown : number->second);
  });
  if (numbers.empty()) numbers.push_back(Vocabulary::unknown);
  const auto count = static_cast<std::int64_t>(numbers.size());
  if (count > length) {
    const auto from = numbers.begin() + (vocabulary_.keeps_last ? count - length : 0);
    numbers = {from, from + length};
  }
  return numbers;
}

std::int64_t Encoder::encode_to(std::string_view text, std::int64_t* row, std::int64_t length) const {
  const std::vector<std::int64_t> numbers = encoded(text, length);
  std::int64_t* end = std::copy(numbers.begin(), numbers.end(), row);
  std::fill(end, row + length, Vocabulary::padding);
  return end - row;
}

TokenCounts::TokenCounts(Vocabulary rules) : rules_(std::move(rules)) {}

void TokenCounts::add(std::string_view text) {
  each_token(text, rules_, [&](const std::string& token) {
    if (const auto known = counts_.find(token); known != counts_.end()) {
      ++known->second;
    } else if (counts_.size() < most_different) {
      counts_.emplace(token, 1);
    }
  });
}

Vocabulary TokenCounts::vocabulary(std::int64_t min_freq, std::int64_t max_tokens) const {
  std::vector<std::pair<std::int64_t, const std::string*>> frequent;
  for (const auto& [token, count] : counts_) {
    if (count >= min_freq) frequent.emplace_back(-count, &token);
  }
  std::sort(frequent.begin(), frequent.end(), [](const auto& one, const auto& other) {
    return one.first != other.first ? one.first < other.first : *one.second < *other.second;
  });
  Vocabulary vocabulary = rules_;
  vocabulary.tokens = {"<pad>", "<unk>"};
  for (const auto& [count, token] : frequent) {
    if (static_cast<std::int64_t>(vocabulary.tokens.size()) >= max_tokens) break;
    vocabulary.tokens.push_back(*token);
  }
  return vocabulary;
}

}  // namespace netwright
