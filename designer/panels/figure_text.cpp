#include "designer/panels/figure_text.h"

#include <QCoreApplication>
#include <QStringList>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

const QString& dash() {
  static const QString text = QStringLiteral("–");
  return text;
}

QString translated(const char* text) {
  return QCoreApplication::translate("Figures", text);
}

}  // namespace

QString count_text(const Dim& count) {
  return count ? QString::fromStdString(with_separators(*count)) : dash();
}

QString short_count_text(const Dim& count) {
  return count ? QString::fromStdString(with_unit(*count)) : dash();
}

QString memory_text(const Dim& bytes) {
  return bytes ? QString::fromStdString(bytes_text(*bytes)) : dash();
}

QString shapes_text(const std::vector<Shape>& shapes) {
  QStringList texts;
  for (const Shape& shape : shapes) {
    texts += QString::fromStdString(shape.to_string());
  }
  return texts.isEmpty() ? dash() : texts.join(QStringLiteral(", "));
}

QString field_text(const ReceptiveField& field) {
  const std::string text = to_text(field);
  return text.empty() ? dash() : QString::fromStdString(text);
}

QString field_details(const ReceptiveField& field) {
  if (field.empty()) {
    return {};
  }
  QStringList sizes;
  QStringList strides;
  QStringList starts;
  for (const AxisField& axis : field) {
    sizes += axis.is_whole ? translated("whole") : QString::number(axis.size);
    strides +=
        axis.period == 1 ? QString::number(axis.stride) : QStringLiteral("%1/%2").arg(axis.stride).arg(axis.period);
    starts += QString::number(axis.start);
  }
  const QString times = QStringLiteral("×");
  const QString comma = QStringLiteral(", ");
  return translated("Size %1, stride %2, starting at %3, in pixels of the network's input")
      .arg(sizes.join(times), strides.join(times), starts.join(comma));
}

QString exact_text(const Dim& count) {
  return count ? QString::fromStdString(with_separators(*count)) : QString();
}

}  // namespace netwright
