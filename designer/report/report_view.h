#pragma once

#include <QScrollArea>

#include "backend/report/run_report.h"

class QVBoxLayout;

namespace netwright {

struct ReportSection;

/// A report as the page of HTML has it, in the window's own look.
class ReportView : public QScrollArea {
  Q_OBJECT

 public:
  explicit ReportView(QWidget* parent = nullptr);

  void show_report(const RunReport& report);

 private:
  void add_section(const ReportSection& section, QVBoxLayout* column);
};

}  // namespace netwright
