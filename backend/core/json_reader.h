#pragma once
// Reads JSON that may hold anything: what isn't as expected is said in words, with the path that leads to it.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "backend/core/json_text.h"
#include "backend/core/result.h"

namespace netwright {

/// Ends the reading of one document; read_document() turns it into an Error.
struct Malformed {
  std::string what;
};

/// A value of a document. Its getters throw Malformed where it isn't of the kind they name.
class JsonReader {
 public:
  JsonReader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  JsonReader at(const char* key) const;
  bool has(const char* key) const;
  bool is_null() const { return json_.is_null(); }
  template <class Visit>
  void each(Visit visit) const {
    if (!json_.is_array()) throw Malformed{place() + " must be a list"};
    for (std::size_t i = 0; i < json_.size(); ++i) visit(JsonReader(json_[i], fmt::format("{}[{}]", path_, i)));
  }
  template <class Visit>
  void each_member(Visit visit) const {
    object();
    for (auto it = json_.begin(); it != json_.end(); ++it) visit(it.key(), JsonReader(*it, path_ + "." + it.key()));
  }
  std::string text() const;
  std::vector<std::string> texts() const;
  std::int64_t integer() const;
  double real() const;
  bool flag() const;
  Integers integers(std::size_t count) const;
  Reals reals(std::size_t count) const;
  Value value() const;
  /// `networks[0].layers[2]`
  std::string place() const { return path_.empty() ? "it" : path_; }

 private:
  void object() const;
  const Json& json_;
  std::string path_;
};

/// What a document says of itself in its first two members.
struct DocumentFormat {
  const char* name;
  std::int64_t version;  ///< the newest that can be read
};

/// Parses the text and checks its format, version and depth; throws Malformed.
Json parse_document(const std::string& text, const DocumentFormat& format);

/// `read` turns the document into a T. `origin` (a file's name) begins every message.
template <class Read>
auto read_document(const std::string& text, const std::string& origin, const DocumentFormat& format, Read read)
    -> Result<decltype(read(std::declval<const JsonReader&>()))> {
  try {
    const Json json = parse_document(text, format);
    return read(JsonReader(json, ""));
  } catch (const Malformed& malformed) {
    return Error{origin + ": " + malformed.what};
  } catch (const Json::exception& error) {
    return Error{origin + ": " + error.what()};
  }
}

}  // namespace netwright
