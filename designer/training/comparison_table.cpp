#include "designer/training/comparison_table.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <functional>

#include "backend/core/csv_text.h"
#include "backend/run/figure_text.h"
#include "backend/run/recipe_differences.h"
#include "designer/document/words.h"
#include "designer/training/figure_words.h"

namespace netwright {
namespace {

using Kind = TableColumn::Kind;
using Runs = std::vector<ComparedRun>;

TableCell number_cell(double number, const QString& text) {
  // What is no number says so, and is sorted as the word that it is.
  return {text, std::isfinite(number) ? std::optional(number) : std::nullopt};
}

TableCell figure_cell(const FigureSpec& figure, double value) {
  return number_cell(value, value_text(figure, value));
}

TableCell count_cell(std::int64_t count) {
  return number_cell(static_cast<double>(count), QLocale().toString(static_cast<qlonglong>(count)));
}

/// Left out where it would be empty.
void add_column(std::vector<TableColumn>& columns, TableColumn column) {
  const bool is_empty =
      std::all_of(column.cells.begin(), column.cells.end(), [](const TableCell& cell) { return cell.text.isEmpty(); });
  if (!is_empty) columns.push_back(std::move(column));
}

void add_column(std::vector<TableColumn>& columns, const Runs& runs, const QString& title, const QString& help,
                const std::function<TableCell(const ComparedRun&)>& cell) {
  TableColumn column{Kind::Result, title, help, {}};
  for (const ComparedRun& run : runs) column.cells.push_back(cell(run));
  add_column(columns, std::move(column));
}

/// Where several runs have a value, and the values aren't one.
void mark_best(TableColumn& column, const std::string& better) {
  if (better.empty()) return;
  const double sign = better == "higher" ? 1 : -1;
  std::optional<double> best;
  bool differ = false;
  for (const TableCell& cell : column.cells) {
    if (!cell.number) continue;
    differ = differ || (best && *best != *cell.number);
    if (!best || sign * *cell.number > sign * *best) best = cell.number;
  }
  for (TableCell& cell : column.cells) cell.is_best = differ && cell.number == best;
}

/// The figures by which runs are judged, each once.
std::vector<FigureSpec> main_figures(const Runs& runs) {
  std::vector<FigureSpec> figures;
  for (const ComparedRun& run : runs) {
    const FigureSpec* main = run.record->main_figure();
    if (main && !find_figure(figures, main->name)) figures.push_back(*main);
  }
  return figures;
}

void add_best_figures(std::vector<TableColumn>& columns, const Runs& runs) {
  for (const FigureSpec& figure : main_figures(runs)) {
    QStringList splits;
    TableColumn column{Kind::Result, tr("Best %1").arg(QString::fromStdString(figure_words(figure))), {}, {}};
    for (const ComparedRun& run : runs) {
      const FigureSpec* main = run.record->main_figure();
      const auto best = main && main->name == figure.name ? run.record->best() : std::nullopt;
      column.cells.push_back(best ? figure_cell(figure, *best) : TableCell());
      if (best) splits << held_out_words(*run.record);
    }
    splits.removeDuplicates();
    column.help = tr("Of the best epoch, over the %1 split").arg(splits.join(QStringLiteral(" / ")));
    mark_best(column, figure.better);
    add_column(columns, std::move(column));
  }
}

/// Those by which runs are judged, or the others.
void add_test_figures(std::vector<TableColumn>& columns, const Runs& runs, bool are_judges) {
  std::vector<FigureSpec> figures;
  for (const ComparedRun& run : runs) {
    if (!run.record->done) continue;
    for (const FigureSpec& figure : run.record->figures) {
      if (run.record->done->test.contains(figure.name) && !find_figure(figures, figure.name)) figures.push_back(figure);
    }
  }
  const std::vector<FigureSpec> judges = main_figures(runs);
  for (const FigureSpec& figure : figures) {
    if ((find_figure(judges, figure.name) != nullptr) != are_judges) continue;
    TableColumn column{Kind::Result,
                       tr("Test %1").arg(QString::fromStdString(figure_words(figure))),
                       tr("Over the test split, with the weights of the best epoch"),
                       {}};
    for (const ComparedRun& run : runs) {
      const FigureValues none;
      const FigureValues& test = run.record->done ? run.record->done->test : none;
      const auto value = test.find(figure.name);
      column.cells.push_back(value == test.end() ? TableCell() : figure_cell(figure, value->second));
    }
    mark_best(column, figure.better);
    add_column(columns, std::move(column));
  }
}

std::optional<double> number_of(const std::optional<Value>& value) {
  if (!value) return {};
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&*value)) return *real;
  return {};
}

void add_settings(std::vector<TableColumn>& columns, const Runs& runs) {
  std::vector<const Project*> projects;
  for (const ComparedRun& run : runs) projects.push_back(run.project.get());
  for (const RecipeDifference& difference : recipe_differences(projects)) {
    TableColumn column{
        Kind::Setting, QString::fromStdString(difference.name), QString::fromStdString(difference.help), {}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const bool is_flag = difference.values[i] && std::holds_alternative<bool>(*difference.values[i]);
      QString words = QString::fromStdString(difference.words[i]);
      if (is_flag)
        words = words == QLatin1String("true") ? tr("yes") : words == QLatin1String("false") ? tr("no") : words;
      column.cells.push_back({words, number_of(difference.values[i])});
    }
    columns.push_back(std::move(column));
  }
}

void add_costs(std::vector<TableColumn>& columns, const Runs& runs) {
  add_column(columns, runs, tr("Epochs"), tr("Epochs done"), [](const ComparedRun& run) {
    const RunRecord& record = *run.record;
    const int epochs = record.last_epoch ? record.last_epoch->epoch : record.done ? record.done->epochs : 0;
    return record.run ? count_cell(epochs) : TableCell();
  });
  add_column(columns, runs, tr("Time"), tr("What the run took, pauses left out; in files, in seconds"),
             [](const ComparedRun& run) {
               const double seconds = run.record->elapsed();
               return seconds > 0 ? number_cell(seconds, QString::fromStdString(duration_text(seconds))) : TableCell();
             });
  add_column(columns, runs, tr("Parameters"), tr("Trainable and frozen weights"), [](const ComparedRun& run) {
    const auto& started = run.record->run;
    return started && started->parameters > 0 ? count_cell(started->parameters) : TableCell();
  });
  add_column(columns, runs, tr("Samples/s"), tr("In training, in the last epoch"), [](const ComparedRun& run) {
    const auto& epoch = run.record->last_epoch;
    return epoch && epoch->samples_per_second > 0 ? count_cell(std::llround(epoch->samples_per_second)) : TableCell();
  });
  add_column(columns, runs, tr("Started"), {}, [](const ComparedRun& run) {
    const auto& started = run.record->run;
    if (!started || started->started.empty()) return TableCell();
    const QString time = QString::fromStdString(started->started);
    const auto seconds = static_cast<double>(QDateTime::fromString(time, Qt::ISODate).toSecsSinceEpoch());
    return TableCell{started_text(time), seconds, time};
  });
  add_column(columns, runs, tr("State"), {}, [](const ComparedRun& run) {
    return TableCell{run.state.isEmpty() ? ending_text(run.record->ending()) : run.state};
  });
}

/// As one field of a line.
QString flat(QString text) {
  return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

}  // namespace

QString TableCell::exact() const {
  if (!raw.isEmpty()) return raw;
  return number && !text.isEmpty() ? QString::fromStdString(csv_number(*number)) : text;
}

std::vector<TableColumn> comparison_columns(const std::vector<ComparedRun>& runs) {
  std::vector<TableColumn> columns;
  TableColumn titles{Kind::Title, tr("Run"), {}, {}};
  TableColumn notes{Kind::Note, tr("Note"), tr("Double-click to write one"), {}};
  for (const ComparedRun& run : runs) {
    titles.cells.push_back({run.title});
    notes.cells.push_back({QString::fromStdString(run.notes.note)});
  }
  columns.push_back(std::move(titles));
  add_best_figures(columns, runs);
  add_test_figures(columns, runs, true);
  add_settings(columns, runs);
  add_test_figures(columns, runs, false);
  add_costs(columns, runs);
  columns.push_back(std::move(notes));
  return columns;
}

std::vector<int> sorted_rows(const TableColumn& column, bool is_descending, std::vector<int> rows) {
  const auto cell = [&](int row) -> const TableCell& { return column.cells[static_cast<std::size_t>(row)]; };
  const auto rank = [&](int row) { return cell(row).number ? 0 : cell(row).text.isEmpty() ? 2 : 1; };
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (is_descending) std::swap(a, b);
    if (cell(a).number) return *cell(a).number < *cell(b).number;
    return cell(a).text.compare(cell(b).text, Qt::CaseInsensitive) < 0;
  });
  return rows;
}

QString table_as_text(const std::vector<TableColumn>& columns, const std::vector<int>& rows) {
  QStringList titles;
  for (const TableColumn& column : columns) titles << column.title;
  QString text = titles.join(QLatin1Char('\t')) + QLatin1Char('\n');
  for (const int row : rows) {
    QStringList fields;
    for (const TableColumn& column : columns) fields << flat(column.cells[static_cast<std::size_t>(row)].text);
    text += fields.join(QLatin1Char('\t')) + QLatin1Char('\n');
  }
  return text;
}

std::string table_as_csv(const std::vector<TableColumn>& columns, const std::vector<int>& rows) {
  std::vector<std::string> titles;
  for (const TableColumn& column : columns) titles.push_back(column.title.toStdString());
  std::string csv = csv_row(titles);
  for (const int row : rows) {
    std::vector<std::string> fields;
    for (const TableColumn& column : columns) {
      fields.push_back(column.cells[static_cast<std::size_t>(row)].exact().toStdString());
    }
    csv += csv_row(fields);
  }
  return csv;
}

}  // namespace netwright
