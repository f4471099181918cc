#include "designer/panels/code_lines.h"

#include <QHash>
#include <QRegularExpression>

namespace netwright {

namespace {

/// `self.conv1` of a module's methods, `("conv1", ` of a sequence.
QStringList members_in(const QString& line) {
  static const QRegularExpression member(QStringLiteral(R"re(\bself\.([A-Za-z_]\w*)|^\s+\("([A-Za-z_]\w*)", )re"));
  QStringList names;
  for (auto matches = member.globalMatch(line); matches.hasNext();) {
    const QRegularExpressionMatch match = matches.next();
    names += match.captured(1).isEmpty() ? match.captured(2) : match.captured(1);
  }
  return names;
}

QString class_in(const QString& line) {
  static const QRegularExpression head(QStringLiteral(R"(^class (\w+)\()"));
  return head.match(line).captured(1);
}

/// Without what a class's name can't have: underscores and lower case at its words' beginnings.
QString squashed(QString name) {
  return name.remove(QLatin1Char('_')).toLower();
}

class Names {
 public:
  explicit Names(const Network& network) : network_(network.id), squashed_(netwright::squashed(name_of(network))) {
    for (const Layer& layer : network.layers) {
      layers_.insert(QString::fromStdString(layer.name), layer.id);
    }
  }

  NetworkId network() const { return network_; }
  LayerId find(const QString& layer) const { return layers_.value(layer); }

  /// How well a class with these members stands for the network; 0: not at all.
  qsizetype likeness(const QString& class_name, const QStringList& members) const {
    const qsizetype shared = std::count_if(members.begin(), members.end(),
                                           [this](const QString& member) { return layers_.contains(member); });
    const bool is_named = netwright::squashed(class_name).startsWith(squashed_);
    return shared == 0 ? 0 : 2 * shared + (is_named ? 1 : 0);
  }

 private:
  static QString name_of(const Network& network) { return QString::fromStdString(network.name); }

  NetworkId network_;
  QString squashed_;
  QHash<QString, LayerId> layers_;
};

}  // namespace

std::vector<CodeLine> layers_of_lines(const QStringList& code, const Project& project) {
  const std::vector<Names> networks(project.networks.begin(), project.networks.end());
  std::vector<CodeLine> lines(static_cast<std::size_t>(code.size()));
  for (qsizetype begin = 0; begin < code.size();) {
    const QString class_name = class_in(code[begin]);
    qsizetype end = begin + 1;
    // A class ends where something stands at the margin again.
    while (end < code.size() && (code[end].isEmpty() || code[end].front().isSpace())) {
      ++end;
    }
    if (!class_name.isEmpty()) {
      QStringList members;
      for (qsizetype line = begin; line < end; ++line) {
        members += members_in(code[line]);
      }
      members.removeDuplicates();
      const Names* best = nullptr;
      for (const Names& names : networks) {
        const qsizetype likeness = names.likeness(class_name, members);
        if (likeness > (best != nullptr ? best->likeness(class_name, members) : 0)) {
          best = &names;
        }
      }
      for (qsizetype line = begin; best != nullptr && line < end; ++line) {
        CodeLine& found = lines[static_cast<std::size_t>(line)];
        found.network = best->network();
        for (const QString& member : members_in(code[line])) {
          if (const LayerId layer = best->find(member)) {
            found.layers.push_back(layer);
          }
        }
      }
    }
    begin = end;
  }
  return lines;
}

}  // namespace netwright
