#pragma once
// What the program remembers of its user: window, appearance, recent files. Follows QStandardPaths' test mode.

#include <QSettings>

namespace netwright {

class UserSettings : public QSettings {
  Q_OBJECT

 public:
  UserSettings();

  static QString file();
};

}  // namespace netwright
