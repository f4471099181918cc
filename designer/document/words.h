#pragma once
// What is said outside of a class that Qt translates for.

#include <QCoreApplication>
#include <QString>

namespace netwright {

inline QString tr(const char* text) {
  return QCoreApplication::translate("netwright", text);
}

}  // namespace netwright
