#pragma once
// What data give, without the window waiting for a large file to be read.

#include <QObject>

#include "backend/data/data_catalogue.h"
#include "designer/document/background.h"

namespace netwright {

class DataWatch : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// As netwright::describe(), but nothing where it takes longer than a blink: `described` then says the rest, unless
  /// other data were asked about meanwhile.
  std::optional<DataDescription> describe(const DataSource& data);
  bool is_reading() const { return is_reading_; }

 signals:
  void described(const std::optional<netwright::DataDescription>& description);

 private:
  Background reading_;
  bool is_reading_ = false;
};

}  // namespace netwright
