#pragma once
// A training panel on a project of its own, the two spirals, with an engine that a test writes as a shell script.

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "designer/document/document.h"
#include "designer/theme/theme.h"
#include "designer/training/training_panel.h"

namespace netwright {

/// A base of test classes: begin() before each test, end() after it.
class PanelOnSpirals {
 protected:
  void begin(QSize size) {
    Theme::instance().set_appearance(Appearance::Light);
    folder_ = std::make_unique<QTemporaryDir>();
    document_ = std::make_unique<Document>();
    const QString path = folder_->filePath("spirals.netwright");
    QVERIFY(QFile::copy(QStringLiteral(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright"), path));
    QFile(path).setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    const Result<void> opened = document_->open(path);
    QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
    panel_ = std::make_unique<TrainingPanel>(*document_);
    panel_->resize(size);
    panel_->show();
    QVERIFY(QTest::qWaitForWindowExposed(panel_.get()));
  }
  void end() {
    panel_.reset();
    document_.reset();
  }

  /// Of the build, in place of a script.
  void use_real_engine(const QStringList& arguments = {}) {
    panel_->engine().set_program(NETWRIGHT_BIN "/netwright-engine");
    panel_->set_engine_arguments(arguments);
  }
  /// `body`: the script's lines.
  void use_engine(const QByteArray& body) {
    QFile file(folder_->filePath("engine"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\n" + body);
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    panel_->engine().set_program(file.fileName());
  }

  /// Ends the test where there is no such widget.
  template <class T>
  static T* find(const QWidget& in, const char* name) {
    T* found = in.findChild<T*>(QString::fromLatin1(name));
    if (!found) qFatal("no %s", name);
    return found;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Document> document_;
  std::unique_ptr<TrainingPanel> panel_;
};

}  // namespace netwright
