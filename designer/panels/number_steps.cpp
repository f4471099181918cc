#include "designer/panels/number_steps.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace netwright {

namespace {

constexpr double share_step = 0.05;
constexpr double fine_above = 0.9;
constexpr double first_step_from_zero = 1e-4;

double typical_value(const SettingSpec& spec) {
  if (const auto* number = std::get_if<double>(&spec.fallback)) {
    return *number;
  }
  const auto* list = std::get_if<Reals>(&spec.fallback);
  return list != nullptr && !list->empty() ? list->front() : 0;
}

bool is_share(const SettingSpec& spec) {
  const double typical = typical_value(spec);
  return spec.minimum == 0 && spec.maximum <= 1 && (typical == 0 || typical >= share_step);
}

double first_digit_unit(double value) {
  return std::pow(10.0, std::floor(std::log10(value) + 1e-9));
}

double above(double value, double smallest);

double below(double value, double smallest) {
  if (value <= 0) {
    return -above(-value, smallest);
  }
  if (value <= smallest * (1 + 1e-9)) {
    return 0;
  }
  const double unit = first_digit_unit(value);
  const double digits = std::ceil(value / unit - 1e-9) - 1;
  return digits < 1 ? unit * 0.9 : digits * unit;
}

double above(double value, double smallest) {
  if (value < 0) {
    return -below(-value, smallest);
  }
  if (value < smallest) {
    return smallest;
  }
  const double unit = first_digit_unit(value);
  return (std::floor(value / unit + 1e-9) + 1) * unit;
}

double share_above(double value) {
  if (value < fine_above - 1e-9) {
    return (std::floor(value / share_step + 1e-9) + 1) * share_step;
  }
  return value >= 1 ? value : 1 - below(1 - value, 0);
}

double share_below(double value) {
  if (value <= fine_above + 1e-9) {
    return (std::ceil(value / share_step - 1e-9) - 1) * share_step;
  }
  return value >= 1 ? 0.95 : std::max(1 - above(1 - value, 0), fine_above);
}

double without_noise(double value) {
  return QString::number(value, 'g', 12).toDouble();
}

}  // namespace

std::int64_t stepped(const SettingSpec& spec, std::int64_t value, int steps) {
  constexpr double limit = 9e18;
  const double lowest = std::max(spec.minimum, -limit);
  const double highest = std::min(spec.maximum, limit);
  const double target = static_cast<double>(value) + steps;
  if (target > highest) {
    const auto most = static_cast<std::int64_t>(highest);
    return steps > 0 ? std::max(value, most) : most;
  }
  if (target < lowest) {
    const auto least = static_cast<std::int64_t>(lowest);
    return steps < 0 ? std::min(value, least) : least;
  }
  return value + steps;
}

double stepped(const SettingSpec& spec, double value, int steps) {
  const double typical = std::abs(typical_value(spec));
  const double smallest =
      typical == 0 ? first_step_from_zero : std::min(first_step_from_zero, first_digit_unit(typical) / 1000);
  for (int step = 0; step < std::abs(steps); ++step) {
    const bool up = steps > 0;
    const double next = is_share(spec) ? (up ? share_above(value) : share_below(value))
                                       : (up ? above(value, smallest) : below(value, smallest));
    value = std::clamp(without_noise(next), spec.minimum, spec.maximum);
  }
  return value;
}

QString number_text(double value) {
  const double size = std::abs(value);
  if (size == 0 || (size >= 1e-4 && size < 1e7)) {
    return QString::number(value, 'f', QLocale::FloatingPointShortest);
  }
  QString text = QString::number(value, 'g', QLocale::FloatingPointShortest);
  return text.replace(QLatin1String("e-0"), QLatin1String("e-"))
      .replace(QLatin1String("e+0"), QLatin1String("e"))
      .replace(QLatin1String("e+"), QLatin1String("e"));
}

std::optional<std::int64_t> whole_from(const QString& text) {
  bool is_number = false;
  const qlonglong number = text.trimmed().toLongLong(&is_number);
  return is_number ? std::optional<std::int64_t>(number) : std::nullopt;
}

std::optional<double> real_from(const QString& text) {
  bool is_number = false;
  const double number = text.trimmed().replace(QLatin1Char(','), QLatin1Char('.')).toDouble(&is_number);
  return is_number && std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

}  // namespace netwright
