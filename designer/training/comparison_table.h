#pragma once
// What a table of runs says: results, the settings that differ, and what the user noted.

#include <QString>
#include <QStringList>
#include <memory>
#include <optional>
#include <vector>

#include "backend/graph/project.h"
#include "backend/run/run_notes.h"
#include "designer/training/run_record.h"

namespace netwright {

/// One of the runs that are compared, as the table needs it.
struct ComparedRun {
  QString folder;
  QString title;  ///< as it is shown: the user's, else what tells it apart
  int colour = 0;
  RunNotes notes = {};
  std::shared_ptr<const RunRecord> record = {};
  std::shared_ptr<const Project> project = {};  ///< null where it can't be read
  QString state = {};                           ///< of a run under way; else as its record ended
};

/// One field. Empty where the run has no such thing.
struct TableCell {
  QString text = {};                  ///< as it is shown
  std::optional<double> number = {};  ///< by which it is sorted, where it is one
  QString raw = {};                   ///< what files get instead of it; empty: the number in full, or the text
  bool is_best = false;               ///< of its column
  QString exact() const;              ///< for files
  bool operator==(const TableCell&) const = default;
};

struct TableColumn {
  enum class Kind { Title, Result, Setting, Note };
  Kind kind = Kind::Result;
  QString title;
  QString help = {};
  std::vector<TableCell> cells = {};  ///< one per run
};

/// Title, what the runs are judged by, the settings that differ, other test figures, what it took, and the note;
/// columns that would be empty are left out, but for title and note.
std::vector<TableColumn> comparison_columns(const std::vector<ComparedRun>& runs);

/// Rows in an order: those without a value last, whichever way; numbers as numbers, before words.
std::vector<int> sorted_rows(const TableColumn& column, bool is_descending, std::vector<int> rows);

/// Titles and rows in this order: with tabs between, as spreadsheets take it from the clipboard.
QString table_as_text(const std::vector<TableColumn>& columns, const std::vector<int>& rows);
/// The same as CSV, numbers in full.
std::string table_as_csv(const std::vector<TableColumn>& columns, const std::vector<int>& rows);

}  // namespace netwright
