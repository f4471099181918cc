#include "backend/data/npy_dict.h"

#include <cctype>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr std::size_t most_numpy_axes = 32;

class DictParser {
 public:
  explicit DictParser(std::string_view text) : rest_(text) {}

  std::optional<NpyDict> parse() {
    NpyDict dict;
    int found = 0;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = text();
      if (!key || !take(':')) return std::nullopt;
      bool is_read = false;
      if (*key == "descr") {
        is_read = read_descr(dict.descr);
      } else if (*key == "fortran_order") {
        is_read = read_flag(dict.is_fortran_order);
      } else if (*key == "shape") {
        is_read = read_sizes(dict.sizes);
      }
      if (!is_read) return std::nullopt;
      ++found;
      if (!take(',') && peek() != '}') return std::nullopt;
      if (dict.descr == "structured") return dict;
    }
    peek();
    if (found != 3 || !rest_.empty() || dict.descr.empty()) return std::nullopt;
    return dict;
  }

 private:
  /// The next character that isn't white space; 0 at the end.
  char peek() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char expected) {
    if (rest_.empty() || peek() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    peek();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string> text() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string content(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return content;
  }
  bool read_descr(std::string& descr) {
    if (peek() == '[') {
      descr = "structured";
      rest_ = "}";
      return true;
    }
    auto content = text();
    if (content) descr = std::move(*content);
    return content.has_value();
  }
  bool read_flag(bool& flag) {
    flag = take("True");
    return flag || take("False");
  }
  bool read_sizes(std::vector<std::int64_t>& sizes) {
    if (!take('(')) return false;
    while (!take(')')) {
      std::optional<std::int64_t> size;
      while (std::isdigit(static_cast<unsigned char>(peek()))) {
        size = checked_add(checked_multiply(size.value_or(0), 10), rest_.front() - '0');
        if (!size) return false;
        rest_.remove_prefix(1);
      }
      if (!size || sizes.size() == most_numpy_axes) return false;
      sizes.push_back(*size);
      if (!take(',') && peek() != ')') return false;
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<NpyDict> parse_npy_dict(std::string_view text) {
  return DictParser(text).parse();
}

}  // namespace netwright
