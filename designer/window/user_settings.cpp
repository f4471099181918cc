#include "designer/window/user_settings.h"

#include <QStandardPaths>

namespace netwright {

UserSettings::UserSettings() : QSettings(file(), QSettings::IniFormat) {}

QString UserSettings::file() {
  return QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + QStringLiteral("/netwright.ini");
}

}  // namespace netwright
