#pragma once
// What a run starts from: fresh weights, those that came with the project, another run's, or a file's.

#include <QStringList>
#include <QWidget>
#include <functional>
#include <vector>

class QComboBox;
class QLabel;

namespace netwright {

/// The step of a checkpoint that was kept on request (`step-400`: 400); another one's own name.
QString step_of_checkpoint(const QString& checkpoint);

class StartChoice : public QWidget {
  Q_OBJECT

 public:
  struct Run {
    QString folder;
    QString title;
  };

  explicit StartChoice(QWidget* parent = nullptr);

  /// Asked whenever the list opens: the project's runs, newest first; those without a checkpoint aren't offered.
  void set_runs(std::function<std::vector<Run>()> runs) { runs_ = std::move(runs); }
  /// Whether weights came with the project; they are then the usual start.
  void set_imported(bool are_there);
  /// A run's checkpoint: `best`, `last`, or one that was kept on request.
  void choose_run(const Run& run, const QString& checkpoint);
  /// The usual start again.
  void reset();

  /// For `netwright-engine train`.
  QStringList arguments() const;

 private:
  enum class Kind { Fresh, Imported, Fork, File, Ask };
  struct Choice {
    Kind kind = Kind::Fresh;
    QString path = {};  ///< of Fork and File
    QString words = {};
    bool operator==(const Choice& other) const { return kind == other.kind && path == other.path; }
  };
  void fill();
  void add(const Choice& choice);
  void choose(const Choice& choice);
  void take(int index);
  void ask_for_file();
  void show_words();

  QComboBox* combo_;
  QLabel* words_;
  std::function<std::vector<Run>()> runs_;
  std::vector<Choice> offered_;
  Choice chosen_;
  bool has_imported_ = false;
};

}  // namespace netwright
