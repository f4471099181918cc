#pragma once
// The clipboard holds pieces of a network in the file format's own JSON, also as plain text.

#include <QMimeData>

#include "backend/graph/project_json.h"

namespace netwright {

inline constexpr char network_mime_type[] = "application/x-netwright-network";

/// Caller owns the result (the clipboard takes it).
QMimeData* mime_of(const Network& fragment);
/// From our own type or from plain text that is a fragment; else says why not.
Result<Network> fragment_from(const QMimeData* data);

void copy_to_clipboard(const Network& fragment);
Result<Network> clipboard_fragment();

}  // namespace netwright
