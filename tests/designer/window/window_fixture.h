#pragma once
// A main window with a folder of its own, settings that are nobody's, and dialogs that can be clicked.

#include <QAction>
#include <QApplication>
#include <QFile>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <functional>
#include <memory>

#include "backend/interop/safetensors.h"
#include "designer/main_window.h"
#include "designer/window/user_settings.h"
#include "tests/support/dialogs.h"

namespace netwright {

inline std::filesystem::path path_of(const QString& text) {
  return {text.toStdU16String()};
}

/// Numbers for every weight of the document's first network: value(0), value(1), ... in each.
inline std::vector<NamedTensor> weights_for(const Document& document, const std::function<float(std::size_t)>& value) {
  std::vector<NamedTensor> tensors;
  const NetworkReport& report = document.report().networks.front();
  for (const Layer& layer : document.project().networks.front().layers) {
    for (const Weight& weight : report.layers.at(layer.id).weights) {
      std::vector<float> values(static_cast<std::size_t>(weight.shape.elements().value()));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(i);
      const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
      NamedTensor tensor{layer.name + "." + weight.name, "F32", {}, {bytes, bytes + values.size() * sizeof(float)}};
      for (const Dim& size : weight.shape.dims()) tensor.sizes.push_back(size.value());
      tensors.push_back(std::move(tensor));
    }
  }
  return tensors;
}

class WindowFixture {
 public:
  /// Once, before the first window.
  static void prepare(const char* application) {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("netwright"));
    QCoreApplication::setApplicationName(QString::fromLatin1(application));
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  }

  WindowFixture() {
    QFile::remove(UserSettings::file());
    window_ = std::make_unique<MainWindow>();
    window_->show();
  }

  MainWindow& window() { return *window_; }
  Document& document() { return window_->document(); }
  const Network& network() { return document().project().networks.front(); }
  QString path(const QString& name) const { return folder_.filePath(name); }
  QString status() { return window_->statusBar()->currentMessage(); }
  QAction* action(const char* name) {
    auto* found = window_->findChild<QAction*>(QStringLiteral("action.") + QString::fromLatin1(name));
    if (found == nullptr) qFatal("no action %s", name);
    return found;
  }

 private:
  QTemporaryDir folder_;
  std::unique_ptr<MainWindow> window_;
};

}  // namespace netwright
