#include "designer/training/figure_words.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "backend/run/figure_text.h"
#include "designer/document/words.h"
#include "designer/training/axis_scale.h"

namespace netwright {
namespace {

QString with_dots(const QStringList& parts) {
  return parts.join(QStringLiteral("  ·  "));
}

QString in_sentence(const QString& title) {
  return QString::fromStdString(netwright::in_sentence(title.toStdString()));
}

const Curve* curve_of(const RunRecord& record, const FigureSpec& figure, Curve FigureCurves::*split) {
  const auto found = record.curves.find(figure.name);
  return found == record.curves.end() || (found->second.*split).size() == 0 ? nullptr : &(found->second.*split);
}

/// What is measured on the held-out split alone needs no word for the split.
QString with_split(const RunRecord& record, const FigureSpec& figure) {
  const QString words = figure_words(record, figure);
  const bool is_alone = !curve_of(record, figure, &FigureCurves::train);
  return is_alone ? words : QStringLiteral("%1 %2").arg(held_out_words(record), words);
}

QString ending_words(const RunRecord& record) {
  const int epochs = record.last_epoch ? record.last_epoch->epoch : record.done ? record.done->epochs : 0;
  const QString after = epochs == 0   ? tr("in the first epoch")
                        : epochs == 1 ? tr("after 1 epoch")
                                      : tr("after %1 epochs").arg(epochs);
  const std::string ending = record.ending();
  const QString words = ending == "finished"   ? tr("finished %1")
                        : ending == "stopped"  ? tr("stopped %1")
                        : ending == "diverged" ? tr("diverged %1")
                        : ending == "crashed"  ? tr("crashed %1")
                                               : tr("failed %1");
  return words.arg(after);
}

}  // namespace

QString value_text(const FigureSpec& figure, double value) {
  if (!figure.is_share || !std::isfinite(value)) return QString::fromStdString(figure_text(value));
  return tr("%1 %").arg(100 * value, 0, 'f', 1);
}

QString figure_words(const RunRecord& record, const FigureSpec& figure) {
  const QString title = QString::fromStdString(figure.title);
  const std::string& losses = record.figures.front().chart;
  const auto count = std::count_if(record.figures.begin(), record.figures.end(),
                                   [&](const FigureSpec& other) { return other.chart == losses; });
  const QString chart = QString::fromStdString(losses);
  if (figure.chart != losses || count == 1 || title.contains(chart, Qt::CaseInsensitive)) return in_sentence(title);
  return QStringLiteral("%1 %2").arg(in_sentence(title), in_sentence(chart));
}

QString held_out_words(const RunRecord& record) {
  return record.run && record.run->validation_samples > 0 ? tr("validation") : tr("test");
}

QString ending_text(const std::string& ending) {
  if (ending == "finished") return tr("finished");
  if (ending == "stopped") return tr("stopped");
  if (ending == "diverged") return tr("diverged");
  if (ending == "crashed") return tr("crashed");
  return tr("failed");
}

QString started_text(const QString& started) {
  QDateTime time = QDateTime::fromString(started, Qt::ISODate);
  if (!time.isValid()) return started;
  time = time.toLocalTime();
  const bool is_today = time.date() == QDate::currentDate();
  return is_today ? time.toString(QStringLiteral("HH:mm:ss")) : time.toString(QStringLiteral("d MMM yyyy, HH:mm"));
}

QString progress_text(const RunRecord& record) {
  const QLocale locale;
  QStringList parts;
  if (record.run && record.run->epochs > 0) {
    const int current = std::min(record.run->epochs, static_cast<int>(std::floor(record.epochs_done())) + 1);
    parts << tr("epoch %1 of %2").arg(current).arg(record.run->epochs);
  }
  if (const auto left = record.seconds_left(); left && !record.is_paused) {
    parts << tr("%1 left").arg(QString::fromStdString(duration_text(*left)));
  }
  if (const auto& step = record.last_step) {
    // The losses and what the run is judged by: the others are on their charts.
    const FigureSpec* main = record.main_figure();
    for (const FigureSpec& figure : record.figures) {
      const auto value = step->figures.find(figure.name);
      const bool counts = figure.chart == record.figures.front().chart || (main && figure.name == main->name);
      if (!counts || value == step->figures.end()) continue;
      parts << QStringLiteral("%1 %2").arg(figure_words(record, figure), value_text(figure, value->second));
    }
    if (step->samples_per_second > 0) {
      parts << tr("%1 samples/s").arg(locale.toString(std::llround(step->samples_per_second)));
    }
    parts << tr("step %1").arg(locale.toString(static_cast<qlonglong>(step->step)));
  }
  return with_dots(parts);
}

QString summary_text(const RunRecord& record) {
  QStringList parts{ending_words(record)};
  const FigureSpec* main = record.main_figure();
  if (const auto best = record.best(); main && best) {
    parts << tr("best %1 %2").arg(with_split(record, *main), value_text(*main, *best));
  }
  const bool has_validation = record.run && record.run->validation_samples > 0;
  if (main && has_validation && record.done) {
    if (const auto test = record.done->test.find(main->name); test != record.done->test.end()) {
      parts << tr("test %1 %2").arg(figure_words(record, *main), value_text(*main, test->second));
    }
  }
  if (!record.figures.empty() && (!main || main->name != record.figures.front().name)) {
    const FigureSpec& loss = record.figures.front();
    if (const Curve* curve = curve_of(record, loss, &FigureCurves::held_out); curve && std::isfinite(curve->y.back())) {
      parts << QStringLiteral("%1 %2").arg(with_split(record, loss), value_text(loss, curve->y.back()));
    }
  }
  if (record.elapsed() > 0) parts << QString::fromStdString(duration_text(record.elapsed()));
  const bool ended_well = record.ending() == "finished" || record.ending() == "stopped";
  if (record.done && !record.done->message.empty() && !ended_well) {
    parts << QString::fromStdString(record.done->message);
  }
  return with_dots(parts);
}

}  // namespace netwright
