#include "backend/interop/pytorch_text.h"

#include "backend/interop/pytorch_call.h"

namespace netwright {

std::string filled(std::string text, std::initializer_list<std::pair<std::string, std::string>> values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

std::string python_setting(const Settings& settings, const char* name) {
  const Value* value = settings.find(name);
  return value ? python_literal(*value) : "0";
}

}  // namespace netwright
