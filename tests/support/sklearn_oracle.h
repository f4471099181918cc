#pragma once

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "tests/support/python_oracle.h"

namespace netwright {

/// What sklearn answers to the cases (see sklearn_oracle.py); throws what it said where it failed.
inline nlohmann::json answers_of_sklearn(const nlohmann::json& cases) {
  QTemporaryDir folder;
  QFile file(folder.filePath("cases.json"));
  if (!file.open(QIODevice::WriteOnly)) throw std::runtime_error("Can't write the cases");
  file.write(QByteArray::fromStdString(cases.dump()));
  file.close();
  const QString complaint = run_python_torch("support/sklearn_oracle.py", {folder.path()});
  if (!complaint.isEmpty()) throw std::runtime_error(complaint.toStdString());
  QFile answers(folder.filePath("answers.json"));
  if (!answers.open(QIODevice::ReadOnly)) throw std::runtime_error("No answers");
  return nlohmann::json::parse(answers.readAll().toStdString());
}

inline bool is_close(double a, double b) {
  return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b));
}

}  // namespace netwright
