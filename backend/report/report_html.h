#pragma once

#include <string>

#include "backend/report/run_report.h"

namespace netwright {

/// The report as one page that needs nothing else: style and charts are within, no script, no request; light or dark as
/// the reader's desktop is, and printable. Whatever comes from the project is escaped.
std::string report_html(const RunReport& report);

}  // namespace netwright
