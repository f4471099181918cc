#include "designer/document/document.h"

#include <QFileInfo>
#include <algorithm>

#include "backend/graph/project_json.h"
#include "designer/document/edit_step.h"

namespace netwright {

/// A step on the undo stack. It is created when its edits have just been applied, so the first redo() does nothing.
class EditCommand : public QUndoCommand {
 public:
  EditCommand(Document& document, const QString& text, EditStep step, QString merge_key)
      : QUndoCommand(text), document_(document), step_(std::move(step)), merge_key_(std::move(merge_key)) {
    setObsolete(step_.is_empty());
  }

  int id() const override { return merge_key_.isEmpty() ? -1 : 1; }

  void redo() override {
    if (is_applied_) document_.apply_step(step_.forward);
    is_applied_ = true;
  }

  void undo() override { document_.apply_step(step_.backward); }

  bool mergeWith(const QUndoCommand* other) override {
    const auto* later = static_cast<const EditCommand*>(other);
    if (later->merge_key_ != merge_key_) return false;
    step_.append(later->step_);
    step_.reduce();
    setObsolete(step_.is_empty());
    return true;
  }

 private:
  Document& document_;
  EditStep step_;
  QString merge_key_;
  bool is_applied_ = false;
};

QString new_merge_key() {
  static quint64 count = 0;
  return QStringLiteral("gesture/%1").arg(++count);
}

Document::Document(QObject* parent)
    : QObject(parent),
      project_(empty_project()),
      analysis_(project_, [this](const DataSource& data) { return data_watch_.describe(data); }) {
  connect(&data_watch_, &DataWatch::described, this, [this](const std::optional<DataDescription>& data) {
    analysis_.describe_data(project_, data);
    emit data_described();
    emit analysed();
  });
  connect(&undo_stack_, &QUndoStack::cleanChanged, this, &Document::title_changed);
}

QString Document::display_name() const {
  if (!file_path_.isEmpty()) return QFileInfo(file_path_).completeBaseName();
  return project_.name.empty() ? tr("Untitled") : QString::fromStdString(project_.name);
}

void Document::reset(Project project) {
  replace(std::move(project), {});
}

Result<void> Document::open(const QString& path) {
  Result<Project> project = read_project(path.toStdString());
  if (!project) return project.error();
  replace(*std::move(project), QFileInfo(path).absoluteFilePath());
  return {};
}

Result<void> Document::save(const QString& path) {
  if (Result<void> written = write_project(project_, path.toStdString()); !written) return written;
  file_path_ = QFileInfo(path).absoluteFilePath();
  undo_stack_.setClean();
  emit title_changed();
  return {};
}

Result<void> Document::edit(const QString& text, const std::vector<Edit>& edits, const QString& merge_key) {
  if (edits.empty()) return {};
  Result<std::vector<Edit>> inverses = apply_each(edits);
  if (!inverses) return inverses.error();
  EditStep step{edits, *std::move(inverses)};
  step.reduce();
  if (!step.is_empty()) {
    analysis_.update(project_, step.forward);
    undo_stack_.push(new EditCommand(*this, text, std::move(step), merge_key));
    tell_analysed(edits);
  }
  return {};
}

Result<std::vector<Edit>> Document::apply_each(const std::vector<Edit>& edits) {
  return apply_all(project_, edits, [this](const Edit& edit) { emit edited(edit); });
}

void Document::apply_step(const std::vector<Edit>& edits) {
  // The stack applies steps only in the state in which they were recorded, so each edit fits.
  [[maybe_unused]] const Result<std::vector<Edit>> inverses = apply_each(edits);
  Q_ASSERT(inverses);
  analysis_.update(project_, edits);
  tell_analysed(edits);
}

void Document::tell_analysed(const std::vector<Edit>& edits) {
  const bool has_new_data =
      std::any_of(edits.begin(), edits.end(), [](const Edit& edit) { return std::holds_alternative<SetData>(edit); });
  if (has_new_data) emit data_described();
  emit analysed();
}

void Document::replace(Project project, const QString& path) {
  project_ = std::move(project);
  analysis_.restart(project_);
  file_path_ = path;
  undo_stack_.clear();
  emit replaced();
  emit analysed();
  emit title_changed();
}

}  // namespace netwright
