#pragma once
// A run's figures in words.

#include <QString>

#include "designer/training/run_record.h"

namespace netwright {

/// `88.9 %` for shares, else four significant digits.
QString value_text(const FigureSpec& figure, double value);

/// The title within a sentence, one of several losses with the word: `accuracy`, `generator loss`. Titles that hold
/// names or abbreviations keep their capital. `figure` is one of the record's.
QString figure_words(const RunRecord& record, const FigureSpec& figure);

/// By which split epochs are judged: `validation` or `test`.
QString held_out_words(const RunRecord& record);

/// A record's ending as a state: `finished`, `crashed`.
QString ending_text(const std::string& ending);
/// When a run began (UTC, ISO 8601), in local time: `14:05:12` for today, else `3 May 2026, 14:05`.
QString started_text(const QString& started);

/// `epoch 2 of 5 · 35 s left · loss 0.3127 · accuracy 88.9 % · 12,400 samples/s · step 1,240`.
QString progress_text(const RunRecord& record);
/// A past run in the same manner: `stopped after 3 epochs · best test accuracy 90.1 % · 2 min 10 s`.
QString summary_text(const RunRecord& record);

}  // namespace netwright
