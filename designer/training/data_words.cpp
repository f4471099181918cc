#include "designer/training/data_words.h"

#include <QLocale>
#include <QObject>
#include <QStringList>
#include <cmath>

#include "designer/training/axis_scale.h"

namespace netwright {
namespace {

constexpr std::size_t most_words = 4;

QString class_name(const Dataset& data, std::int64_t label) {
  const auto index = static_cast<std::size_t>(label);
  return index < data.classes.size() ? QString::fromStdString(data.classes[index]) : QString::number(label);
}

}  // namespace

QString value_text(double value) {
  if (value == std::round(value) && std::abs(value) < 1e6) return QLocale().toString(value, 'f', 0);
  return QString::fromStdString(figure_text(value));
}

double number_at(const Array& array, std::int64_t index) {
  switch (array.type) {
    case ElementType::UInt8:
      return array.as<std::uint8_t>()[index];
    case ElementType::Int64:
      return static_cast<double>(array.as<std::int64_t>()[index]);
    case ElementType::Float32:
      break;
  }
  return array.as<float>()[index];
}

QString shown_token(const QString& token) {
  if (token == QLatin1String("<pad>")) return QStringLiteral("·");
  return token == QLatin1String(" ") ? QStringLiteral("␣") : token;
}

bool has_targets(const Dataset& data) {
  return data.train.targets.count() > 0 && data.target != TargetKind::None;
}

QString words_of_target(const Dataset& data, std::int64_t row) {
  if (!has_targets(data)) return {};
  const Array& targets = data.train.targets;
  const std::int64_t elements = sample_elements(targets);
  if (data.target == TargetKind::Class) return class_name(data, targets.as<std::int64_t>()[row]);
  if (data.target == TargetKind::Labels) {
    QStringList labels;
    for (std::int64_t i = 0; i < elements; ++i) {
      if (targets.as<float>()[row * elements + i] > 0.5F) labels << class_name(data, i);
    }
    return labels.isEmpty() ? QObject::tr("none") : labels.join(QStringLiteral(", "));
  }
  if (data.target != TargetKind::Values) return {};
  QStringList values;
  for (std::int64_t i = 0; i < elements && i < static_cast<std::int64_t>(most_words); ++i) {
    const QString value = value_text(number_at(targets, row * elements + i));
    const bool is_named = data.target_names.size() == static_cast<std::size_t>(elements);
    values << (is_named ? QStringLiteral("%1 %2").arg(
                              QString::fromStdString(data.target_names[static_cast<std::size_t>(i)]), value)
                        : value);
  }
  if (elements > static_cast<std::int64_t>(most_words)) values << QStringLiteral("…");
  return values.join(QStringLiteral(", "));
}

}  // namespace netwright
