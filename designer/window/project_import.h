#pragma once
// File > Import: an ONNX model becomes a new project, a safetensors file the present project's weights. Files are read
// on another thread; what there is to know is said afterwards.

#include <QObject>
#include <QString>

#include "designer/document/background.h"
#include "designer/document/document.h"

class QWidget;

namespace netwright {

class ProjectFiles;
class ProjectWeights;
struct TensorFile;

class ProjectImport : public QObject {
  Q_OBJECT

 public:
  /// Dialogs belong to `window`.
  ProjectImport(Document& document, ProjectFiles& files, ProjectWeights& weights, QWidget* window);

  static bool can_read(const QString& path);
  /// Asks which file. `network` gets the weights, where it holds weights.
  void ask(NetworkId network);
  void import_file(const QString& path, NetworkId network);
  bool is_busy() const { return is_busy_; }

 signals:
  void message(const QString& text);
  void busy_changed();

 private:
  struct Match;
  struct Model;
  struct Weights;
  static Match match(const Project& project, NetworkId network, TensorFile content);
  void import_model(const QString& path);
  void import_weights(const QString& path, NetworkId network);
  void take(const QString& path, const Model& model);
  void take(const QString& path, const Weights& weights);
  void set_busy(bool is_busy);

  Document& document_;
  ProjectFiles& files_;
  ProjectWeights& weights_;
  QWidget* window_;
  Background reading_;
  bool is_busy_ = false;
};

}  // namespace netwright
