#include "designer/training/fork_dialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

#include "backend/run/run_folder.h"
#include "designer/theme/theme.h"
#include "designer/training/project_changes.h"
#include "designer/training/start_choice.h"

namespace netwright {
namespace {

constexpr int fork_dialog_width = 420;
constexpr qsizetype most_changes_named = 6;

QLabel* fork_words(const QString& text, const char* name, const char* role) {
  auto* label = new QLabel(text);
  label->setObjectName(QString::fromLatin1(name));
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  if (role) label->setProperty("role", role);
  return label;
}

QString few_changes(const QStringList& changes) {
  const QString text = changes.mid(0, most_changes_named).join(QStringLiteral(" · "));
  return changes.size() > most_changes_named ? ForkDialog::tr("%1 and more").arg(text) : text;
}

}  // namespace

ForkDialog::ForkDialog(const ForkSubject& run, const Project& current, QWidget* parent)
    : QDialog(parent), recipe_(new QCheckBox(tr("Take its recipe"))) {
  setObjectName(QStringLiteral("training.fork_dialog"));
  setWindowTitle(tr("Fork"));
  recipe_->setObjectName(QStringLiteral("training.fork_recipe"));
  const Result<RunFolder> folder = RunFolder::open(run.folder.toStdU16String());
  for (const std::string& name : folder ? folder->checkpoints() : std::vector<std::string>()) {
    const QString checkpoint = QString::fromStdString(name);
    auto* button = new QRadioButton(checkpoint == QLatin1String("best") ? tr("Its best epoch")
                                    : checkpoint == QLatin1String("last")
                                        ? tr("Where it ended")
                                        : tr("Step %1, which was kept").arg(step_of_checkpoint(checkpoint)));
    button->setObjectName(QStringLiteral("training.fork_") + checkpoint);
    button->setChecked(checkpoints_.empty());
    checkpoints_.emplace_back(checkpoint, button);
  }

  auto* title = new QLabel(tr("Fork “%1”").arg(run.title));
  title->setFont(Theme::instance().heading());
  title->setTextFormat(Qt::PlainText);
  title->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 14, 16, 12);
  column->setSpacing(8);
  column->addWidget(title);
  column->addWidget(fork_words(tr("A new run goes on learning from this one's weights by the recipe that you set. "
                                  "This run stays as it is."),
                               "training.fork_words", nullptr));
  column->addSpacing(4);
  for (const auto& [name, button] : checkpoints_) column->addWidget(button);

  // What the recipe would change, as changes of this project.
  Project taken = current;
  taken.recipe = run.project.recipe;
  const QStringList changes = changes_since(current, taken);
  recipe_->setChecked(!changes.isEmpty());
  column->addSpacing(4);
  column->addWidget(recipe_);
  QLabel* differences = fork_words(few_changes(changes), "training.fork_changes", "muted");
  differences->setContentsMargins(22, 0, 0, 0);
  column->addWidget(differences);
  recipe_->setVisible(!changes.isEmpty());
  differences->setVisible(!changes.isEmpty());
  // And how the rest has changed since the run.
  Project then = run.project;
  then.recipe = current.recipe;
  const QStringList since = changes_since(then, current);
  if (!since.isEmpty()) {
    column->addWidget(fork_words(
        tr("Since then the project has changed: %1. What fits of the weights is taken.").arg(few_changes(since)),
        "training.fork_since", "muted"));
  }

  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  auto* fork = buttons->addButton(tr("Fork"), QDialogButtonBox::AcceptRole);
  fork->setObjectName(QStringLiteral("training.fork_accept"));
  fork->setProperty("primary", true);
  fork->setDefault(true);
  fork->setEnabled(!checkpoints_.empty());
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  column->addSpacing(4);
  column->addWidget(buttons);
  setMinimumWidth(fork_dialog_width);
}

QString ForkDialog::checkpoint() const {
  for (const auto& [name, button] : checkpoints_) {
    if (button->isChecked()) return name;
  }
  return {};
}

bool ForkDialog::takes_recipe() const {
  return !recipe_->isHidden() && recipe_->isChecked();
}

}  // namespace netwright
