#pragma once

#include <QString>
#include <QtGlobal>
#include <random>

namespace netwright {

/// A new seed each time, or the one that NETWRIGHT_SEED names, to meet a failure again. The caller prints it.
inline unsigned test_seed() {
  bool is_named = false;
  const unsigned named = qEnvironmentVariable("NETWRIGHT_SEED").toUInt(&is_named);
  return is_named ? named : std::random_device()();
}

}  // namespace netwright
