#include "designer/window/project_weights.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>
#include <QUuid>

#include "designer/training/run_place.h"

namespace netwright {

namespace {

Result<bool> replaced(const QString& target, const QString& source, bool keeps_source) {
  QFile from(source);
  const auto put = [&] { return keeps_source ? from.copy(target) : from.rename(target); };
  if ((!QFile::exists(target) || QFile::remove(target)) && put()) return true;
  return Error{ProjectWeights::tr("The weights can't be put beside the project, as %1: %2. They stay in %3.")
                   .arg(QDir::toNativeSeparators(target), from.errorString(), QDir::toNativeSeparators(source))
                   .toStdString()};
}

}  // namespace

ProjectWeights::ProjectWeights(Document& document, QWidget* window)
    : QObject(window), document_(document), window_(window), project_file_(document.file_path()) {
  connect(&document, &Document::replaced, this, [this] {
    forget();
    project_file_ = document_.file_path();
  });
  connect(&document, &Document::title_changed, this, &ProjectWeights::follow_file);
}

ProjectWeights::~ProjectWeights() {
  forget();
}

QString ProjectWeights::file() const {
  if (document_.file_path().isEmpty() || !unplaced_.isEmpty()) return unplaced_;
  const QString placed = beside(document_.file_path());
  return QFileInfo::exists(placed) ? placed : QString();
}

QString ProjectWeights::beside(const QString& project_file) {
  return weights_beside(project_file);
}

QString ProjectWeights::new_file() {
  const QDir folder(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/unsaved"));
  folder.mkpath(QStringLiteral("."));
  return folder.filePath(QUuid::createUuid().toString(QUuid::WithoutBraces) + QStringLiteral(".safetensors"));
}

Result<bool> ProjectWeights::adopt(const QString& written) {
  if (document_.file_path().isEmpty()) {
    forget();
    unplaced_ = written;
    return true;
  }
  const QString target = beside(document_.file_path());
  if (!may_replace(target)) {
    QFile::remove(written);
    return false;
  }
  return replaced(target, written, false);
}

/// A project's first file brings the weights with it, another name a copy of them.
void ProjectWeights::follow_file() {
  const QString now = document_.file_path();
  if (now == project_file_) return;
  const QString before = project_file_;
  project_file_ = now;
  const bool is_first = before.isEmpty();
  const QString source = is_first ? unplaced_ : beside(before);
  const QString target = beside(now);
  if (source.isEmpty() || source == target || !QFileInfo::exists(source) || !may_replace(target)) return;
  if (const Result<bool> placed = replaced(target, source, !is_first); !placed) {
    emit message(QString::fromStdString(placed.error().message));
    return;
  }
  if (is_first) unplaced_.clear();
}

void ProjectWeights::forget() {
  if (!unplaced_.isEmpty()) QFile::remove(unplaced_);
  unplaced_.clear();
}

bool ProjectWeights::may_replace(const QString& target) const {
  if (!QFileInfo::exists(target)) return true;
  QMessageBox box(QMessageBox::Question, tr("Weights"),
                  tr("Replace the weights in %1?").arg(QFileInfo(target).fileName()), QMessageBox::Cancel, window_);
  box.setObjectName(QStringLiteral("ask_to_replace_weights"));
  box.setInformativeText(tr("A project's weights stand beside it under its name; there are some already."));
  const QAbstractButton* replace = box.addButton(tr("Replace"), QMessageBox::AcceptRole);
  box.exec();
  return box.clickedButton() == replace;
}

}  // namespace netwright
