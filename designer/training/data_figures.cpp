#include "designer/training/data_figures.h"

#include <QLocale>
#include <algorithm>

#include "backend/data/data_statistics.h"
#include "backend/data/preparation.h"
#include "designer/document/words.h"
#include "designer/training/axis_scale.h"
#include "designer/training/data_words.h"

namespace netwright {
namespace {

QString range_words(const std::vector<ValueStatistics>& values) {
  double least = values.front().minimum;
  double greatest = values.front().maximum;
  for (const ValueStatistics& value : values) {
    least = std::min(least, value.minimum);
    greatest = std::max(greatest, value.maximum);
  }
  return tr("%1 to %2").arg(value_text(least), value_text(greatest));
}

/// `73.0 ± 90.0`, channel by channel; empty where there are many.
QString mean_words(const std::vector<ValueStatistics>& values) {
  if (values.size() > 3) return {};
  QStringList words;
  for (const ValueStatistics& value : values) {
    words << QStringLiteral("%1 ± %2").arg(QString::fromStdString(figure_text(value.mean)),
                                           QString::fromStdString(figure_text(value.deviation)));
  }
  return words.join(QStringLiteral("  /  "));
}

}  // namespace

void add_figures(DataSample& sample, const Dataset& data) {
  const auto add = [&](const QString& name, const QString& words) {
    if (words.isEmpty()) return;
    sample.figure_names << name;
    sample.figures << words;
  };
  const DataStatistics statistics = statistics_of(data);
  const QLocale locale;
  if (!statistics.inputs.empty()) {
    add(tr("Values"), range_words(statistics.inputs));
    add(tr("Mean"), mean_words(statistics.inputs));
  }
  if (!statistics.targets.empty()) {
    add(tr("Targets"), range_words(statistics.targets));
    add(tr("Target mean"), mean_words(statistics.targets));
  }
  if (statistics.vocabulary > 0) {
    add(tr("Vocabulary"), (data.vocabulary.is_by_character ? tr("%1 characters") : tr("%1 words"))
                              .arg(locale.toString(static_cast<qlonglong>(statistics.vocabulary))));
  }
  if (statistics.train.longest > 0) {
    add(tr("Length"), (statistics.vocabulary > 0 ? tr("%1 to %2 tokens") : tr("%1 to %2 steps"))
                          .arg(locale.toString(static_cast<qlonglong>(statistics.train.shortest)),
                               locale.toString(static_cast<qlonglong>(statistics.train.longest))));
  }
  add(tr("Fingerprint"), QString::fromStdString(fingerprint_of(data)));
}

}  // namespace netwright
