#include "backend/interop/pytorch_classes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace netwright {

namespace {

/// A class and the bodies that share it.
struct Class {
  std::string name;
  std::vector<std::size_t> bodies;
  std::vector<std::string> parameters;  ///< of __init__
};

class ClassWriter {
 public:
  ClassWriter(const std::vector<PytorchBody>& bodies, std::set<std::string>& names) : bodies_(bodies), names_(names) {
    arguments_.resize(bodies.size());
    class_of_.resize(bodies.size());
  }

  PytorchClasses run() {
    std::size_t highest = 0;
    for (const PytorchBody& body : bodies_) highest = std::max(highest, body.height);
    for (std::size_t height = 0; height <= highest; ++height) sort_into_classes(height);
    PytorchClasses written;
    for (const Class& one : classes_) {
      if (!written.source.empty()) written.source += "\n\n";
      written.source += text_of(one);
    }
    written.last = classes_[class_of_.back()].name;
    return written;
  }

 private:
  void sort_into_classes(std::size_t height) {
    std::map<std::string, std::size_t> by_key;
    const std::size_t first = classes_.size();
    for (std::size_t number = 0; number < bodies_.size(); ++number) {
      if (bodies_[number].height != height) continue;
      const auto [it, is_new] = by_key.emplace(key_of(bodies_[number]), classes_.size());
      if (is_new) classes_.push_back({.name = free_name(bodies_[number].name), .bodies = {}, .parameters = {}});
      classes_[it->second].bodies.push_back(number);
      class_of_[number] = it->second;
    }
    for (std::size_t number = first; number < classes_.size(); ++number) find_parameters(classes_[number]);
  }

  std::string free_name(const std::string& wished) {
    std::string name = wished;
    for (int number = 2; !names_.insert(name).second; ++number) name = wished + std::to_string(number);
    return name;
  }

  /// What bodies of one class have in common: all but the texts of arguments and the comments.
  std::string key_of(const PytorchBody& body) const {
    std::string key = body.name + (body.is_sequential ? "|chain" : "");
    for (const PytorchMember& member : body.members) {
      key += fmt::format("|{} {} {}", member.name, member.constructor.callee, member.is_frozen);
      for (const PytorchArgument& argument : member.constructor.arguments) key += "," + argument.name;
      for (const std::size_t copy : member.copies) key += fmt::format(" {}", class_of_[copy]);
      if (member.is_left_out) key += member.comment;
    }
    for (const PytorchLine& line : body.forward) key += "|" + line.code;
    return key;
  }

  /// The arguments of a member (of one of its copies) as one body has them.
  std::vector<PytorchArgument> arguments_of(const PytorchMember& member, std::size_t copy) const {
    return member.copies.empty() ? member.constructor.arguments : arguments_[member.copies[copy]];
  }

  static std::string free_parameter(const Class& one, const std::string& member, const std::string& argument) {
    const auto is_free = [&](const std::string& name) {
      return std::find(one.parameters.begin(), one.parameters.end(), name) == one.parameters.end();
    };
    if (is_free(argument)) return argument;
    const std::string longer = fmt::format("{}_{}", member, argument);
    std::string name = longer;
    for (int number = 2; !is_free(name); ++number) name = fmt::format("{}_{}", longer, number);
    return name;
  }

  /// Arguments that differ from body to body become parameters; those that always agree with each other, one.
  void find_parameters(Class& one) {
    const std::vector<PytorchMember>& members = bodies_[one.bodies.front()].members;
    std::map<std::vector<std::string>, std::string> by_values;
    for (std::size_t m = 0; m < members.size(); ++m) {
      for (std::size_t c = 0; c < std::max<std::size_t>(members[m].copies.size(), 1); ++c) {
        const std::vector<PytorchArgument> arguments = arguments_of(members[m], c);
        for (std::size_t a = 0; a < arguments.size(); ++a) {
          std::vector<std::string> values;
          for (const std::size_t body : one.bodies) {
            values.push_back(arguments_of(bodies_[body].members[m], c)[a].text);
          }
          if (std::all_of(values.begin(), values.end(), [&](const auto& v) { return v == values.front(); })) continue;
          auto [it, is_new] = by_values.emplace(values, arguments[a].name);
          if (is_new) {
            it->second = free_parameter(one, members[m].name, arguments[a].name);
            one.parameters.push_back(it->second);
            for (std::size_t i = 0; i < one.bodies.size(); ++i) {
              arguments_[one.bodies[i]].push_back({it->second, values[i], one.parameters.size() <= 2});
            }
          }
          parameter_at_[{class_of_[one.bodies.front()], m, c, a}] = it->second;
        }
      }
    }
  }

  /// A member's arguments as the class says them.
  std::vector<PytorchArgument> said_arguments(const Class& one, std::size_t m, std::size_t copy) const {
    const PytorchMember& member = bodies_[one.bodies.front()].members[m];
    std::vector<PytorchArgument> arguments = arguments_of(member, copy);
    for (std::size_t a = 0; a < arguments.size(); ++a) {
      const auto it = parameter_at_.find({class_of_[one.bodies.front()], m, copy, a});
      if (it != parameter_at_.end()) arguments[a].text = it->second;
    }
    return arguments;
  }

  std::string made(const Class& one, std::size_t m) const {
    const PytorchMember& member = bodies_[one.bodies.front()].members[m];
    if (member.copies.empty()) return to_text(PytorchConstructor{member.constructor.callee, said_arguments(one, m, 0)});
    std::vector<std::string> copies;
    for (std::size_t c = 0; c < member.copies.size(); ++c) {
      copies.push_back(
          to_text(PytorchConstructor{classes_[class_of_[member.copies[c]]].name, said_arguments(one, m, c)}));
    }
    if (!member.is_repeated) return copies.front();
    std::vector<std::string> items;
    for (std::size_t c = 0; c < copies.size();) {
      const auto next = std::find_if(copies.begin() + static_cast<std::ptrdiff_t>(c), copies.end(),
                                     [&](const std::string& other) { return other != copies[c]; });
      const auto count = static_cast<std::size_t>(next - copies.begin()) - c;
      items.push_back(count == 1 ? copies[c] : fmt::format("*({} for _ in range({}))", copies[c], count));
      c += count;
    }
    const std::string all = fmt::format("{}", fmt::join(items, ", "));
    if (member.is_chain) return fmt::format("nn.Sequential({})", all);
    const bool is_generator = items.size() == 1 && copies.size() > 1;  // without the star and its brackets
    return fmt::format("nn.ModuleList({})", is_generator ? all.substr(2, all.size() - 3) : "[" + all + "]");
  }

  /// Said only where it holds for every body.
  template <class Comment>
  std::string common_comment(const Class& one, Comment comment) const {
    const std::string first = comment(bodies_[one.bodies.front()]);
    const bool is_common = std::all_of(one.bodies.begin(), one.bodies.end(),
                                       [&](std::size_t body) { return comment(bodies_[body]) == first; });
    return is_common ? first : std::string();
  }

  static std::string beside(const std::string& comment) { return comment.empty() ? "" : "  # " + comment; }

  std::string text_of(const Class& one) const {
    const PytorchBody& body = bodies_[one.bodies.front()];
    std::string text = fmt::format("class {}(nn.{}):\n", one.name, body.is_sequential ? "Sequential" : "Module");
    if (const std::string summary = common_comment(one, [](const PytorchBody& b) { return b.summary; });
        !summary.empty()) {
      text += fmt::format("    \"\"\"{}\"\"\"\n\n", summary);
    }
    text += fmt::format("    def __init__(self{}{}):\n", one.parameters.empty() ? "" : ", ",
                        fmt::join(one.parameters, ", "));
    text += body.is_sequential ? sequence(one) : members(one);
    for (const PytorchMember& member : body.members) {
      if (member.is_frozen) text += fmt::format("        self.{}.requires_grad_(False)\n", member.name);
    }
    return body.is_sequential ? text : text + forward(one);
  }

  std::string sequence(const Class& one) const {
    std::string text = "        super().__init__(OrderedDict([\n";
    const std::vector<PytorchMember>& members = bodies_[one.bodies.front()].members;
    for (std::size_t m = 0; m < members.size(); ++m) {
      const std::string comment = common_comment(one, [&](const PytorchBody& b) { return b.members[m].comment; });
      text += fmt::format("            (\"{}\", {}),{}\n", members[m].name, made(one, m), beside(comment));
    }
    return text + "        ]))\n";
  }

  std::string members(const Class& one) const {
    std::string text = "        super().__init__()\n";
    const std::vector<PytorchMember>& members = bodies_[one.bodies.front()].members;
    for (std::size_t m = 0; m < members.size(); ++m) {
      if (members[m].is_left_out) {
        text += fmt::format("        # {}\n", members[m].comment);
      } else {
        text += fmt::format("        self.{} = {}\n", members[m].name, made(one, m));
      }
    }
    return text;
  }

  std::string forward(const Class& one) const {
    const PytorchBody& body = bodies_[one.bodies.front()];
    std::string text = fmt::format("\n    def forward(self{}{}):\n", body.parameters.empty() ? "" : ", ",
                                   fmt::join(body.parameters, ", "));
    for (std::size_t i = 0; i < body.forward.size(); ++i) {
      const std::string comment = common_comment(one, [&](const PytorchBody& b) { return b.forward[i].comment; });
      const std::string& code = body.forward[i].code;
      text +=
          code.empty() ? fmt::format("        # {}\n", comment) : fmt::format("        {}{}\n", code, beside(comment));
    }
    return text;
  }

  struct Place {
    std::size_t one;
    std::size_t member;
    std::size_t copy;
    std::size_t argument;
    auto operator<=>(const Place&) const = default;
  };

  const std::vector<PytorchBody>& bodies_;
  std::set<std::string>& names_;
  std::vector<Class> classes_;
  std::vector<std::size_t> class_of_;                    ///< of each body
  std::vector<std::vector<PytorchArgument>> arguments_;  ///< with which each body's class is made
  std::map<Place, std::string> parameter_at_;
};

}  // namespace

PytorchClasses pytorch_classes(const std::vector<PytorchBody>& bodies, std::set<std::string>& names) {
  return ClassWriter(bodies, names).run();
}

}  // namespace netwright
