#pragma once
// Figures of the analysis as the panels write them; what isn't known is a dash.

#include <QString>

#include "backend/analysis/report.h"

namespace netwright {

/// `62,006`
QString count_text(const Dim& count);
/// `651.7 K`
QString short_count_text(const Dim& count);
/// `17.1 MiB`
QString memory_text(const Dim& bytes);
/// `32×26×26`; several outputs behind commas.
QString shapes_text(const std::vector<Shape>& shapes);
/// `5×5`, a dash where there is none.
QString field_text(const ReceptiveField& field);
/// Size, stride and start in words.
QString field_details(const ReceptiveField& field);
/// A dash for nothing, the whole number for a rounded one's tooltip.
QString exact_text(const Dim& count);

}  // namespace netwright
