#include "backend/interop/onnx_import/names.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace netwright::onnx_import {

namespace {

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text) {
    if (c != separator) {
      part += c;
      continue;
    }
    if (!part.empty()) parts.push_back(part);
    part.clear();
  }
  if (!part.empty()) parts.push_back(part);
  return parts;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

/// `Relu_12` of op `Relu` -> `relu_12`; text of another kind as it is.
std::string lowered_op(const std::string& text, const std::string& op) {
  if (!text.starts_with(op)) return text;
  std::string lowered;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool begins_word = i > 0 && std::isupper(c) && std::islower(static_cast<unsigned char>(text[i - 1]));
    if (begins_word) lowered += '_';
    lowered += static_cast<char>(std::tolower(c));
  }
  return lowered;
}

}  // namespace

std::string as_identifier(const std::string& text) {
  constexpr std::size_t longest = 80;
  std::string name;
  for (const char c : text) {
    const bool is_kept = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_kept) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.size() > longest) name = name.substr(name.size() - longest);
  if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front()))) name.insert(0, 1, '_');
  return name;
}

std::string name_of_node(const std::string& node, const std::string& op) {
  std::vector<std::string> parts = split_at(node, '/');
  if (parts.empty()) return {};
  const std::string last = parts.back();
  std::string path;
  parts.pop_back();
  std::string before;
  for (const std::string& part : parts) {
    // A Sequential's child is called after it: /features/features.0.
    const bool repeats = !before.empty() && part.starts_with(before + ".");
    path += (path.empty() ? "" : ".") + (repeats ? part.substr(before.size() + 1) : part);
    before = part;
  }
  // A module's own call is named by the operator: the module's name says enough.
  const std::string number = last.starts_with(op + "_") ? last.substr(op.size() + 1) : "";
  const bool is_plain = last == op;
  const bool is_module = !parts.empty() && is_plain && op != "Add" && op != "Mul" && op != "Concat" && op != "Sub" &&
                         op != "Div" && op != "Reshape" && op != "Transpose" && op != "Flatten" && op != "MatMul";
  if (is_module) return as_identifier(path);
  if (is_number(number) && !path.empty()) return as_identifier(path + "_" + lowered_op(op, op) + "_" + number);
  return as_identifier((path.empty() ? "" : path + "_") + lowered_op(last, op));
}

std::string name_of_initialiser(const std::string& initialiser) {
  if (initialiser.find("::") != std::string::npos) return {};
  const std::size_t dot = initialiser.rfind('.');
  if (dot == std::string::npos || dot == 0) return {};
  return as_identifier(initialiser.substr(0, dot));
}

}  // namespace netwright::onnx_import
