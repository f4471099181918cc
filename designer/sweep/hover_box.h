#pragma once
// The box beside what the mouse points at: a heading and rows of names and values.

#include <QPointF>
#include <QRectF>
#include <QString>
#include <utility>
#include <vector>

class QPainter;

namespace netwright {

/// Within `room`, at the side of `at` where there is space.
void paint_hover_box(QPainter& painter, const QRectF& room, QPointF at, const QString& heading,
                     const std::vector<std::pair<QString, QString>>& rows);

}  // namespace netwright
