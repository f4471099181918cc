#include "designer/window/failure.h"

#include <QDir>
#include <QFileInfo>
#include <QMessageBox>

namespace netwright {

void show_failure(QWidget* window, const QString& title, const QString& path, const QString& why) {
  QMessageBox box(QMessageBox::Critical, title,
                  QStringLiteral("%1: %2").arg(title, QDir::toNativeSeparators(QFileInfo(path).fileName())),
                  QMessageBox::Ok, window);
  box.setObjectName(QStringLiteral("failure"));
  box.setTextFormat(Qt::PlainText);
  box.setInformativeText(why);
  box.exec();
}

}  // namespace netwright
