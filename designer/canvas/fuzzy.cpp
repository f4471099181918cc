#include "designer/canvas/fuzzy.h"

namespace netwright {

std::optional<int> fuzzy_score(const QString& query, const QString& candidate) {
  if (query.isEmpty()) return 0;
  const int length = static_cast<int>(candidate.size());
  if (candidate.startsWith(query, Qt::CaseInsensitive)) return 3000 - length;
  if (const qsizetype at = candidate.indexOf(query, 0, Qt::CaseInsensitive); at >= 0)
    return 2000 - static_cast<int>(at) * 10 - length;
  int score = 1000 - length;
  qsizetype from = 0;
  for (const QChar letter : query) {
    const qsizetype at = candidate.indexOf(letter, from, Qt::CaseInsensitive);
    if (at < 0) return std::nullopt;
    const bool starts_word = at == 0 || candidate[at].isUpper() || candidate[at].isDigit();
    score -= static_cast<int>(at - from) * (starts_word ? 2 : 10);
    from = at + 1;
  }
  return score;
}

}  // namespace netwright
