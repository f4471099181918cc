#include "designer/training/start_choice.h"

#include <QAbstractItemView>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>

#include "backend/run/run_folder.h"
#include "designer/panels/quiet_combo.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr std::size_t most_offered_runs = 12;
constexpr int most_list_width = 480;

/// Says when its list is about to open.
class StartCombo : public QuietCombo {
 public:
  std::function<void()> opening;
  void showPopup() override {
    if (opening) opening();
    QuietCombo::showPopup();
  }
};

/// The epoch comes first, since a title may be too long for the field.
QString start_words(const QString& title, const QString& checkpoint) {
  if (checkpoint == QLatin1String("best")) return StartChoice::tr("Best epoch of %1").arg(title);
  if (checkpoint == QLatin1String("last")) return StartChoice::tr("Last epoch of %1").arg(title);
  return StartChoice::tr("Step %1 of %2").arg(step_of_checkpoint(checkpoint), title);
}

QString start_checkpoint(const QString& run, const QString& checkpoint) {
  return QStringLiteral("%1/checkpoints/%2.safetensors").arg(run, checkpoint);
}

}  // namespace

QString step_of_checkpoint(const QString& checkpoint) {
  const QString step = checkpoint.section(QLatin1Char('-'), 1);
  return step.isEmpty() ? checkpoint : step;
}

StartChoice::StartChoice(QWidget* parent) : QWidget(parent), words_(new QLabel) {
  auto* combo = new StartCombo;
  combo->opening = [this] { fill(); };
  combo_ = combo;
  combo_->setObjectName(QStringLiteral("training.start"));
  combo_->setAccessibleName(tr("Start from"));
  words_->setObjectName(QStringLiteral("training.start_words"));
  words_->setProperty("role", "caption");
  words_->setWordWrap(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(combo_);
  column->addWidget(words_);
  connect(combo_, &QComboBox::activated, this, &StartChoice::take);
  connect(&Theme::instance(), &Theme::changed, this, [this] { words_->setFont(Theme::instance().caption()); });
  words_->setFont(Theme::instance().caption());
  reset();
}

void StartChoice::set_imported(bool are_there) {
  if (are_there == has_imported_) return;
  has_imported_ = are_there;
  if (chosen_.kind == Kind::Fresh || chosen_.kind == Kind::Imported) reset();
  fill();
}

void StartChoice::reset() {
  choose({has_imported_ ? Kind::Imported : Kind::Fresh});
}

void StartChoice::choose_run(const Run& run, const QString& checkpoint) {
  choose({Kind::Fork, start_checkpoint(run.folder, checkpoint), start_words(run.title, checkpoint)});
}

void StartChoice::choose(const Choice& choice) {
  chosen_ = choice;
  fill();
  show_words();
}

void StartChoice::add(const Choice& choice) {
  const QString text = choice.kind == Kind::Fresh      ? tr("Fresh weights")
                       : choice.kind == Kind::Imported ? tr("The imported weights")
                       : choice.kind == Kind::Ask      ? tr("A file…")
                                                       : choice.words;
  combo_->addItem(text);
  combo_->setItemData(combo_->count() - 1, choice.path.isEmpty() ? text : choice.path, Qt::ToolTipRole);
  if (choice == chosen_) combo_->setCurrentIndex(combo_->count() - 1);
  offered_.push_back(choice);
}

/// What there is by now; what is chosen is always among it.
void StartChoice::fill() {
  combo_->clear();
  offered_.clear();
  add({Kind::Fresh});
  if (has_imported_) add({Kind::Imported});
  std::size_t count = 0;
  for (const Run& run : runs_ ? runs_() : std::vector<Run>()) {
    if (count == most_offered_runs) break;
    const Result<RunFolder> folder = RunFolder::open(run.folder.toStdU16String());
    const std::vector<std::string> names = folder ? folder->checkpoints() : std::vector<std::string>();
    for (const std::string& name : names) {
      const QString checkpoint = QString::fromStdString(name);
      add({Kind::Fork, start_checkpoint(run.folder, checkpoint), start_words(run.title, checkpoint)});
    }
    count += names.empty() ? 0 : 1;
  }
  if (std::find(offered_.begin(), offered_.end(), chosen_) == offered_.end()) add(chosen_);
  add({Kind::Ask});
  // The list is as wide as its words, and the field as narrow as its column.
  QAbstractItemView& list = *combo_->view();
  list.setMinimumWidth(
      std::min(most_list_width, list.sizeHintForColumn(0) + list.style()->pixelMetric(QStyle::PM_ScrollBarExtent)));
}

void StartChoice::take(int index) {
  if (index < 0 || index >= static_cast<int>(offered_.size())) return;
  const Choice choice = offered_[static_cast<std::size_t>(index)];
  if (choice.kind != Kind::Ask) {
    choose(choice);
    return;
  }
  fill();  // until a file is chosen, what was chosen stays
  ask_for_file();
}

void StartChoice::ask_for_file() {
  auto* dialog = new QFileDialog(this, tr("Start from weights"), {}, tr("Weights (*.safetensors)"));
  dialog->setObjectName(QStringLiteral("training.start_file"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
    choose({Kind::File, file, QFileInfo(file).fileName()});
  });
  dialog->open();
}

void StartChoice::show_words() {
  switch (chosen_.kind) {
    case Kind::Fresh:
    case Kind::Ask:
      words_->setText(tr("Drawn at random by the seed."));
      break;
    case Kind::Imported:
      words_->setText(tr("Those that fit by name and shape, the rest fresh."));
      break;
    case Kind::File:
      words_->setText(tr("What fits by name and shape, the rest fresh."));
      break;
    case Kind::Fork:
      words_->setText(tr("Goes on learning by this recipe: what fits of its weights, and of its optimiser's state."));
      break;
  }
  combo_->setToolTip(chosen_.path);
}

QStringList StartChoice::arguments() const {
  switch (chosen_.kind) {
    case Kind::Fork:
      return {QStringLiteral("--from"), chosen_.path};
    case Kind::File:
      return {QStringLiteral("--weights"), chosen_.path};
    case Kind::Fresh:
      return has_imported_ ? QStringList{QStringLiteral("--fresh")} : QStringList();
    case Kind::Imported:
    case Kind::Ask:
      break;
  }
  return {};
}

}  // namespace netwright
