#pragma once
// File > Export: the drawing as code, model, weights or picture. What needs LibTorch is written by netwright-engine,
// as a process of its own.

#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <memory>
#include <span>

#include "designer/document/document.h"

class QWidget;

namespace netwright {

class ProjectFiles;
class ProjectWeights;

struct ExportFormat {
  const char* name;    ///< of `netwright-engine export --to`
  const char* title;   ///< in the menu
  const char* suffix;  ///< of the file
  bool has_weights;
};
std::span<const ExportFormat> export_formats();

class ProjectExport : public QObject {
  Q_OBJECT

 public:
  /// Dialogs belong to `window`.
  ProjectExport(Document& document, ProjectFiles& files, const ProjectWeights& weights, QWidget* window);
  ~ProjectExport() override;

  /// Asks for the file.
  void ask(const ExportFormat& format, NetworkId network);
  void write(const ExportFormat& format, NetworkId network, const QString& path);
  bool is_busy() const { return engine_.state() != QProcess::NotRunning; }

 signals:
  void message(const QString& text);
  void busy_changed();

 private:
  void start_engine(const ExportFormat& format, const Network& network, const QString& path);
  void engine_ended(int exit_code, QProcess::ExitStatus status);
  void fail(const QString& path, const QString& why);

  Document& document_;
  ProjectFiles& files_;
  const ProjectWeights& weights_;
  QWidget* window_;
  QProcess engine_;
  std::unique_ptr<QTemporaryDir> scratch_;
  QString path_;
  QString done_words_;
};

}  // namespace netwright
