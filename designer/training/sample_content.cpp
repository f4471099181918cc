#include "designer/training/sample_content.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImageReader>
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace netwright {
namespace {

using Json = nlohmann::json;

constexpr qint64 most_bytes = qint64{64} << 20;
constexpr qint64 most_pixels = 50'000'000;
constexpr int most_cells = 100'000;

Error refused(const QString& file, const QString& reason) {
  return {QObject::tr("%1: %2").arg(file, reason).toStdString()};
}

/// What a JSON file of another form throws; it says where.
struct WrongForm {
  QString words;
};

[[noreturn]] void wrong(const QString& words) {
  throw WrongForm{words};
}

const Json& member(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name)) wrong(QObject::tr("“%1” is missing").arg(QLatin1String(name)));
  return json.at(name);
}

const Json& list(const Json& json, const char* name) {
  const Json& found = member(json, name);
  if (!found.is_array()) wrong(QObject::tr("“%1” isn't a list").arg(QLatin1String(name)));
  return found;
}

QString text(const Json& json) {
  if (json.is_string()) return QString::fromStdString(json.get_ref<const std::string&>());
  if (json.is_number_integer()) return QString::number(json.get<std::int64_t>());
  return {};
}

QString optional_text(const Json& json, const char* name) {
  return json.is_object() && json.contains(name) ? text(json.at(name)) : QString();
}

/// The engine writes null for what isn't finite.
double number(const Json& json) {
  if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!json.is_number()) wrong(QObject::tr("a number is missing"));
  return json.get<double>();
}

std::vector<double> numbers(const Json& json) {
  if (!json.is_array()) wrong(QObject::tr("a list of numbers is missing"));
  std::vector<double> out;
  out.reserve(json.size());
  for (const Json& entry : json) out.push_back(number(entry));
  return out;
}

QPointF point(const Json& json) {
  if (!json.is_array() || json.size() != 2) wrong(QObject::tr("a point isn't two numbers"));
  return {number(json[0]), number(json[1])};
}

/// False where it isn't finite.
bool add_point(Scatter& scatter, QPointF at, int label) {
  if (!std::isfinite(at.x()) || !std::isfinite(at.y())) {
    ++scatter.left_out;
    return false;
  }
  scatter.points.push_back(at);
  scatter.labels.push_back(label);
  return true;
}

QString axis_title(const Json& json, std::size_t axis) {
  const QString name = QObject::tr("PC %1").arg(axis + 1);
  if (!json.contains("explained")) return name;
  const Json& explained = json.at("explained");
  if (!explained.is_array() || explained.size() <= axis || !explained[axis].is_number()) return name;
  return QObject::tr("%1 (%2 %)").arg(name).arg(100 * explained[axis].get<double>(), 0, 'f', 0);
}

SampleContent code_map(const Json& json) {
  Scatter out;
  if (json.contains("classes")) {
    for (const Json& name : list(json, "classes")) out.groups << text(name);
  }
  const Json& points = list(json, "points");
  const Json empty = Json::array();
  const Json& labels = json.contains("labels") ? list(json, "labels") : empty;
  if (!labels.empty() && labels.size() != points.size()) {
    wrong(QObject::tr("there are %1 labels for %2 points").arg(labels.size()).arg(points.size()));
  }
  const std::vector<double> errors = json.contains("errors") ? numbers(json.at("errors")) : std::vector<double>();
  if (!errors.empty() && errors.size() != points.size()) {
    wrong(QObject::tr("there are %1 errors for %2 points").arg(errors.size()).arg(points.size()));
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double label = labels.empty() ? -1 : number(labels[i]);
    const bool is_known = label >= 0 && label < static_cast<double>(out.groups.size());
    const bool is_added = add_point(out, point(points[i]), is_known ? static_cast<int>(label) : -1);
    if (is_added && !errors.empty()) out.errors.push_back(errors[i]);
  }
  out.x_title = axis_title(json, 0);
  out.y_title = axis_title(json, 1);
  return out;
}

SampleContent real_and_generated(const Json& json) {
  Scatter out;
  out.groups = {QObject::tr("Real"), QObject::tr("Generated")};
  out.framing_group = 0;
  const Json& real = list(json, "real");
  const Json& fake = list(json, "fake");
  // In turns, so that neither covers the other.
  for (std::size_t i = 0; i < std::max(real.size(), fake.size()); ++i) {
    if (i < real.size()) add_point(out, point(real[i]), 0);
    if (i < fake.size()) add_point(out, point(fake[i]), 1);
  }
  return out;
}

AttentionSample attention_sample(const Json& json) {
  AttentionSample out;
  for (const Json& token : list(json, "tokens")) out.tokens << text(token);
  const auto count = static_cast<std::size_t>(out.tokens.size());
  const Json& weights = list(json, "weights");
  out.is_matrix = !weights.empty() && weights.front().is_array();
  if (out.is_matrix) {
    for (const Json& row : weights) out.weights.push_back(numbers(row));
  } else {
    out.weights.push_back(numbers(weights));
  }
  for (const auto& row : out.weights) {
    if (row.size() != count) wrong(QObject::tr("there are %1 weights for %2 tokens").arg(row.size()).arg(count));
  }
  out.target = optional_text(json, "target");
  out.predicted = optional_text(json, "predicted");
  return out;
}

SampleContent attention(const Json& json) {
  AttentionSamples out{optional_text(json, "layer"), {}};
  for (const Json& sample : list(json, "samples")) out.samples.push_back(attention_sample(sample));
  return out;
}

SampleContent forecasts(const Json& json) {
  Forecasts out;
  for (const Json& series : list(json, "series")) {
    out.series.push_back({optional_text(series, "name"), numbers(member(series, "past")),
                          numbers(member(series, "truth")), numbers(member(series, "forecast"))});
  }
  return out;
}

std::vector<QPointF> curve_points(const Json& json, const char* x, const char* y) {
  const std::vector<double> xs = numbers(member(json, x));
  const std::vector<double> ys = numbers(member(json, y));
  if (xs.size() != ys.size()) wrong(QObject::tr("a curve has %1 places and %2 values").arg(xs.size()).arg(ys.size()));
  std::vector<QPointF> out;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (std::isfinite(xs[i]) && std::isfinite(ys[i])) out.emplace_back(xs[i], ys[i]);
  }
  return out;
}

SampleContent threshold_curves(const Json& json) {
  ThresholdCurves out;
  for (const Json& curve : list(json, "curves")) {
    out.curves.push_back(
        {optional_text(curve, "class"), number(member(curve, "auc")), number(member(curve, "average_precision")),
         curve_points(curve, "false_positive_rate", "true_positive_rate"), curve_points(curve, "recall", "precision")});
  }
  return out;
}

std::int64_t whole_number(const Json& json) {
  if (!json.is_number_integer()) wrong(QObject::tr("a whole number is missing"));
  return json.get<std::int64_t>();
}

SampleContent verdicts(const Json& json) {
  Verdicts out;
  for (const Json& entry : list(json, "cells")) {
    VerdictCell cell{whole_number(member(entry, "count")), {}, numbers(member(entry, "shares"))};
    for (const Json& row : list(entry, "rows")) cell.rows.push_back(whole_number(row));
    if (cell.rows.size() != cell.shares.size()) wrong(QObject::tr("a cell's rows and shares differ in number"));
    const std::int64_t truth = whole_number(member(entry, "true"));
    const std::int64_t predicted = whole_number(member(entry, "predicted"));
    out.cells[{static_cast<int>(truth), static_cast<int>(predicted)}] = std::move(cell);
  }
  return out;
}

using Decoder = SampleContent (*)(const Json&);

Decoder decoder_of(const std::string& kind) {
  if (kind == "code") return code_map;
  if (kind == "points") return real_and_generated;
  if (kind == "attention") return attention;
  if (kind == "forecast") return forecasts;
  if (kind == "curves") return threshold_curves;
  if (kind == "verdicts") return verdicts;
  return nullptr;
}

bool is_grid(const std::string& kind) {
  return kind == "wall" || kind == "reconstructions" || kind == "masks";
}

Result<SampleContent> read_json(const QString& path, const QString& name, Decoder decode) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return refused(name, file.errorString());
  if (file.size() > most_bytes) return refused(name, QObject::tr("the file is too large to be a sample"));
  const QByteArray content = file.readAll();
  try {
    return decode(Json::parse(content.begin(), content.end()));
  } catch (const WrongForm& form) {
    return refused(name, form.words);
  } catch (const Json::exception&) {
    return refused(name, QObject::tr("the file is damaged: it isn't JSON"));
  }
}

Result<SampleContent> read_grid(const QString& path, const QString& name, const SampleEvent& event) {
  if (event.rows < 1 || event.columns < 1 || event.rows > most_cells / event.columns) {
    return refused(name, QObject::tr("the record doesn't say how many pictures it has"));
  }
  QImageReader reader(path);
  const QSize size = reader.size();
  if (qint64{size.width()} * size.height() > most_pixels) return refused(name, QObject::tr("the picture is too large"));
  QImage image = reader.read();
  if (image.isNull()) return refused(name, QObject::tr("the picture is damaged (%1)").arg(reader.errorString()));
  if (image.width() < event.columns || image.height() < event.rows) {
    return refused(name, QObject::tr("the picture of %1×%2 can't hold %3×%4 others")
                             .arg(image.width())
                             .arg(image.height())
                             .arg(event.columns)
                             .arg(event.rows));
  }
  const bool is_gray = image.format() == QImage::Format_Grayscale8;
  if (!is_gray && image.format() != QImage::Format_RGB32) image = image.convertToFormat(QImage::Format_RGB32);
  return SampleContent(PictureGrid{std::move(image), event.rows, event.columns});
}

}  // namespace

bool is_known_kind(const std::string& kind) {
  return is_grid(kind) || decoder_of(kind) != nullptr;
}

Result<SampleContent> read_sample(const QString& run_folder, const SampleEvent& event) {
  const QString name = QString::fromStdString(event.file);
  const QString clean = QDir::cleanPath(name);
  // A record may come from a stranger.
  if (name.isEmpty() || QDir::isAbsolutePath(clean) || clean == QLatin1String("..") ||
      clean.startsWith(QLatin1String("../"))) {
    return refused(name, QObject::tr("the file isn't in the run's folder"));
  }
  const QString path = QDir(run_folder).filePath(clean);
  if (!QFileInfo(path).isFile()) return refused(name, QObject::tr("the file isn't there any more"));
  if (is_grid(event.kind)) return read_grid(path, name, event);
  if (const Decoder decode = decoder_of(event.kind)) return read_json(path, name, decode);
  return refused(
      name, QObject::tr("this version doesn't know samples of the kind “%1”").arg(QString::fromStdString(event.kind)));
}

std::size_t bytes_of(const SampleContent& content) {
  struct Measure {
    std::size_t operator()(const PictureGrid& grid) const { return static_cast<std::size_t>(grid.image.sizeInBytes()); }
    std::size_t operator()(const Scatter& scatter) const {
      return scatter.points.size() * (sizeof(QPointF) + sizeof(int) + sizeof(double));
    }
    std::size_t operator()(const AttentionSamples& attention) const {
      std::size_t bytes = 0;
      for (const AttentionSample& sample : attention.samples) {
        bytes += static_cast<std::size_t>(sample.tokens.size()) * (40 + sample.weights.size() * sizeof(double));
      }
      return bytes;
    }
    std::size_t operator()(const Forecasts& forecasts) const {
      std::size_t numbers = 0;
      for (const ForecastSeries& series : forecasts.series) {
        numbers += series.past.size() + series.truth.size() + series.forecast.size();
      }
      return numbers * sizeof(double);
    }
    std::size_t operator()(const ThresholdCurves& curves) const {
      std::size_t points = 0;
      for (const ThresholdCurve& curve : curves.curves) points += curve.roc.size() + curve.precision_recall.size();
      return points * sizeof(QPointF);
    }
    std::size_t operator()(const Verdicts& verdicts) const {
      std::size_t rows = 0;
      for (const auto& [place, cell] : verdicts.cells) rows += 4 + cell.rows.size();
      return rows * (sizeof(std::int64_t) + sizeof(double));
    }
  };
  return std::visit(Measure{}, content) + 200;
}

}  // namespace netwright
