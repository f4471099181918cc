#include "designer/training/try_view.h"

#include <QBoxLayout>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "backend/data/legend_json.h"
#include "backend/run/run_folder.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"
#include "designer/training/engine_process.h"
#include "designer/training/picture_painting.h"

namespace netwright {
namespace {

constexpr int try_edge = 10;
constexpr double bar_height = 5;
constexpr int drawn_samples = 16;
constexpr std::size_t most_values = 12;

QString picture_name(const QTemporaryDir& folder) {
  return folder.filePath(QStringLiteral("answer.png"));
}

struct Takes {
  TryKind kind = TryKind::Nothing;
  QString task;
  bool gives_pictures = false;
};

Takes what_is_taken(const QString& folder) {
  const Result<RunFolder> run = RunFolder::open(folder.toStdU16String());
  if (!run) return {};
  const Result<Project> project = run->project();
  const Result<Legend> legend = read_legend(run->legend_file());
  if (!project || !legend) return {};
  const Shape& shape = legend->sample_shape;
  const std::int64_t channels = shape.rank() == 3 ? shape[0].value_or(0) : 0;
  const bool are_pictures = channels == 1 || channels == 3;
  Takes takes{TryKind::File, QString::fromStdString(project->recipe.task), false};
  if (takes.task == QLatin1String("Adversarial")) {
    takes.kind = are_pictures ? TryKind::Latent : TryKind::Nothing;
  } else if (!legend->vocabulary.tokens.empty()) {
    takes.kind = TryKind::Text;
  } else if (are_pictures) {
    takes.kind = TryKind::Picture;
  }
  takes.gives_pictures =
      are_pictures && (takes.task == QLatin1String("Reconstruction") || takes.kind == TryKind::Latent);
  return takes;
}

/// Which weights the engine takes: a run's best, else its last.
QString words_of_weights(const QString& folder) {
  const bool has_best = QFileInfo::exists(folder + QStringLiteral("/checkpoints/best.safetensors"));
  return has_best ? TryView::tr("With the run's best weights so far.")
                  : TryView::tr(
                        "No epoch is done yet: these are the weights that the run began with, or of its last "
                        "checkpoint.");
}

QString share_text(double share) {
  return QStringLiteral("%1 %").arg(100 * share, 0, 'f', 1);
}

}  // namespace

DropField::DropField(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("try.drop"));
  setAcceptDrops(true);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setMinimumHeight(72);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DropField::show_words(const QString& words) {
  words_ = words;
  picture_ = {};
  setAccessibleName(words);
  update();
}

void DropField::show_picture(const QImage& picture) {
  picture_ = picture.format() == QImage::Format_Grayscale8 ? picture : picture.convertToFormat(QImage::Format_RGB32);
  update();
}

void DropField::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool is_marked = is_over_ || hasFocus();
  painter.setPen(QPen(is_marked ? colours().accent : colours().outline, is_over_ ? 2 : 1, Qt::DashLine));
  painter.setBrush(is_over_ ? QBrush(colours().selection) : QBrush(Qt::NoBrush));
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
  const QRectF room = QRectF(rect()).adjusted(8, 8, -8, -8);
  if (picture_.isNull()) {
    painter.setPen(colours().muted);
    painter.setFont(Theme::instance().body());
    painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap, words_);
    return;
  }
  const QSizeF size = fitting_size(picture_.size(), room.size(), devicePixelRatioF());
  QRectF place({}, size);
  place.moveCenter(room.center());
  place.moveTopLeft(place.topLeft().toPoint());
  draw_picture(painter, place, picture_, picture_.rect());
}

void DropField::dragEnterEvent(QDragEnterEvent* event) {
  const QList<QUrl> urls = event->mimeData()->urls();
  if (urls.size() != 1 || !urls.front().isLocalFile()) return;
  is_over_ = true;
  event->acceptProposedAction();
  update();
}

void DropField::dragLeaveEvent(QDragLeaveEvent* /*event*/) {
  is_over_ = false;
  update();
}

void DropField::dropEvent(QDropEvent* event) {
  is_over_ = false;
  update();
  event->acceptProposedAction();
  emit file_dropped(event->mimeData()->urls().front().toLocalFile());
}

void DropField::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) emit clicked();
}

void DropField::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    emit clicked();
  } else {
    QWidget::keyPressEvent(event);
  }
}

TryResult::TryResult(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("try.result"));
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize TryResult::sizeHint() const {
  const double row = QFontMetricsF(Theme::instance().body()).height() + bar_height + 8;
  const int picture = picture_.isNull() ? 0 : 150;
  return {200, static_cast<int>(row * static_cast<double>(rows_.size())) + picture};
}

void TryResult::show_rows(std::vector<Row> rows) {
  rows_ = std::move(rows);
  updateGeometry();
  update();
}

void TryResult::show_picture(const QImage& picture) {
  picture_ = picture.isNull() || picture.format() == QImage::Format_Grayscale8
                 ? picture
                 : picture.convertToFormat(QImage::Format_RGB32);
  updateGeometry();
  update();
}

void TryResult::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFontMetricsF metrics(Theme::instance().body());
  const QFontMetricsF figures(Theme::instance().figures());
  const double row_height = metrics.height() + bar_height + 8;
  double top = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const double value_width = figures.horizontalAdvance(row.value) + 2;
    const QRectF line(0, top, width(), metrics.height());
    painter.setPen(i == 0 ? colours().text : colours().muted);
    painter.setFont(Theme::instance().body());
    painter.drawText(line, Qt::AlignVCenter,
                     metrics.elidedText(row.name, Qt::ElideRight, line.width() - value_width - 8));
    painter.setFont(Theme::instance().figures());
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, row.value);
    if (row.share >= 0) {
      const QRectF track(0, line.bottom() + 2, width(), bar_height);
      painter.setPen(Qt::NoPen);
      painter.setBrush(colours().raised);
      painter.drawRoundedRect(track, bar_height / 2, bar_height / 2);
      painter.setBrush(i == 0 ? colours().accent : colours().faint);
      const double length = std::max(bar_height, track.width() * std::clamp(row.share, 0.0, 1.0));
      painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(length, bar_height)), bar_height / 2, bar_height / 2);
    }
    top += row_height;
  }
  if (picture_.isNull()) return;
  const QRectF room(0, top, width(), std::max(20.0, height() - top));
  const QSizeF size = fitting_size(picture_.size(), room.size(), devicePixelRatioF());
  const QRectF place(QPointF(std::round((width() - size.width()) / 2), std::round(top)), size);
  draw_picture(painter, place, picture_, picture_.rect());
}

TryView::TryView(QWidget* parent)
    : SurfacePanel(parent),
      drop_(new DropField),
      text_(new QLineEdit),
      draw_(new QPushButton(tr("Draw samples"))),
      words_(new QLabel),
      result_(new TryResult) {
  setObjectName(QStringLiteral("training.try"));
  text_->setObjectName(QStringLiteral("try.text"));
  text_->setPlaceholderText(tr("Type a text and press Enter"));
  draw_->setObjectName(QStringLiteral("try.draw"));
  words_->setObjectName(QStringLiteral("try.words"));
  words_->setWordWrap(true);
  words_->setFont(Theme::instance().caption());
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(try_edge, try_edge, try_edge, try_edge);
  column->setSpacing(8);
  column->addWidget(drop_);
  column->addWidget(text_);
  column->addWidget(draw_);
  column->addWidget(words_);
  column->addWidget(result_, 1);
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  content->setAutoFillBackground(false);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->viewport()->setAutoFillBackground(false);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(scroll);
  connect(drop_, &DropField::file_dropped, this, &TryView::try_file);
  connect(drop_, &DropField::clicked, this, &TryView::ask_for_file);
  connect(text_, &QLineEdit::returnPressed, this, [this] { try_text(text_->text()); });
  connect(draw_, &QPushButton::clicked, this, &TryView::draw_samples);
  connect(&process_, &QProcess::finished, this, &TryView::finish);
  connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    say(tr("The engine couldn't start: %1").arg(process_.errorString()), true);
    emit answered();
  });
  connect(&Theme::instance(), &Theme::changed, this, [this] { say(words_->text(), is_problem_); });
  take_kind(TryKind::Nothing, {});
}

TryView::~TryView() {
  process_.disconnect(this);
  process_.kill();
  process_.waitForFinished(1000);
}

void TryView::show_run(const QString& folder) {
  if (folder == folder_ && kind_ != TryKind::Nothing) return;
  folder_ = folder;
  last_.clear();
  waiting_.clear();
  if (folder.isEmpty()) {
    take_kind(TryKind::Nothing, {});
    return;
  }
  reading_.run([folder](const std::atomic<bool>& /*cancelled*/) { return what_is_taken(folder); },
               [this](const Takes& takes) {
                 gives_pictures_ = takes.gives_pictures;
                 take_kind(takes.kind, takes.task);
               });
}

void TryView::take_kind(TryKind kind, const QString& task) {
  kind_ = kind;
  drop_->setVisible(kind == TryKind::Picture || kind == TryKind::File);
  text_->setVisible(kind == TryKind::Text);
  draw_->setVisible(kind == TryKind::Latent);
  result_->show_rows({});
  result_->show_picture({});
  drop_->show_words(kind == TryKind::Picture ? tr("Drop a picture here, or click to choose one")
                                             : tr("Drop an array (.npy) here, or click to choose one"));
  switch (kind) {
    case TryKind::Nothing:
      say(folder_.isEmpty()
              ? tr("Once there is a run, its network can be tried here.")
              : tr("The network of this run can't be tried here: netwright-engine predict takes arrays."));
      return;
    case TryKind::Picture:
      say(task == QLatin1String("Reconstruction") ? tr("The network's reconstruction of it comes below.")
                                                  : tr("What the network takes it for comes below."));
      return;
    case TryKind::Text:
    case TryKind::File:
      say(tr("What the network makes of it comes below."));
      return;
    case TryKind::Latent:
      say(tr("The generator draws with its best weights so far; each time other latents."));
      return;
  }
}

void TryView::ask_for_file() {
  const QString filter =
      kind_ == TryKind::Picture ? tr("Pictures and arrays (*.png *.jpg *.jpeg *.npy)") : tr("Arrays (*.npy)");
  const QString file = QFileDialog::getOpenFileName(this, tr("Try the network on"), {}, filter);
  if (!file.isEmpty()) try_file(file);
}

void TryView::try_file(const QString& file) {
  if (const QImage picture(file); !picture.isNull()) {
    drop_->show_picture(picture);
  } else {
    drop_->show_words(QFileInfo(file).fileName());
  }
  run({QStringLiteral("--input"), file, QStringLiteral("--fit")});
}

void TryView::try_text(const QString& text) {
  if (!text.trimmed().isEmpty()) run({QStringLiteral("--text"), text});
}

void TryView::draw_samples() {
  static int seed = 0;
  run({QStringLiteral("--samples"), QString::number(drawn_samples), QStringLiteral("--seed"), QString::number(++seed)});
}

void TryView::weights_changed() {
  if (!last_.isEmpty() && isVisible() && kind_ != TryKind::Latent) run(last_);
}

void TryView::run(const QStringList& arguments) {
  if (folder_.isEmpty()) return;
  last_ = arguments;
  if (process_.state() != QProcess::NotRunning) {
    waiting_ = arguments;
    return;
  }
  const QString program = program_.isEmpty() ? EngineProcess::find_program() : program_;
  if (program.isEmpty()) {
    say(tr("netwright-engine isn't beside this program, nor on the PATH."), true);
    emit answered();
    return;
  }
  QStringList all = {QStringLiteral("predict"), folder_,
                     QStringLiteral("--json"),  QStringLiteral("--device"),
                     QStringLiteral("cpu"),     QStringLiteral("--threads"),
                     QStringLiteral("1")};
  all += arguments;
  if (gives_pictures_) {
    QFile::remove(picture_name(pictures_));
    all += {QStringLiteral("--output"), picture_name(pictures_)};
  }
  say(tr("Trying…"));
  process_.start(program, all);
  process_.closeWriteChannel();
}

void TryView::finish(int exit_code) {
  if (!waiting_.isEmpty()) {
    run(std::exchange(waiting_, {}));
    return;
  }
  if (exit_code != 0 || process_.exitStatus() != QProcess::NormalExit) {
    const QList<QByteArray> lines = process_.readAllStandardError().trimmed().split('\n');
    result_->show_rows({});
    result_->show_picture({});
    say(QString::fromUtf8(lines.last()), true);
  } else {
    show_answer(process_.readAllStandardOutput());
  }
  emit answered();
}

void TryView::show_answer(const QByteArray& text) {
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  std::vector<TryResult::Row> rows;
  const auto first = [&](const char* name) {
    const auto list = json.is_object() ? json.find(name) : json.end();
    return json.is_object() && list != json.end() && list->is_array() && !list->empty() ? list->front()
                                                                                        : nlohmann::json();
  };
  const nlohmann::json prediction = first("predictions");
  if (prediction.contains("likeliest")) {
    for (const auto& entry : prediction["likeliest"]) {
      const double share = entry[1].get<double>();
      rows.push_back({QString::fromStdString(entry[0].get<std::string>()), share_text(share), share});
    }
  } else if (prediction.is_object()) {
    for (const auto& [label, share] : prediction.items()) {
      rows.push_back({QString::fromStdString(label), share_text(share.get<double>()), share.get<double>()});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
  }
  if (const nlohmann::json values = first("values"); values.is_array()) {
    for (std::size_t i = 0; i < std::min(values.size(), most_values); ++i) {
      rows.push_back({tr("value %1").arg(i + 1), QString::number(values[i].get<double>(), 'g', 6)});
    }
  }
  if (const nlohmann::json error = first("errors"); error.is_number()) {
    rows.push_back({tr("Mean squared error"), QString::number(error.get<double>(), 'g', 4)});
  }
  result_->show_picture(gives_pictures_ ? QImage(picture_name(pictures_)) : QImage());
  result_->show_rows(std::move(rows));
  const bool is_empty = result_->rows().empty() && result_->picture().isNull();
  say(is_empty ? tr("The network's output can't be drawn; netwright-engine predict --output keeps it.")
               : words_of_weights(folder_));
}

void TryView::say(const QString& words, bool is_problem) {
  words_->setText(words);
  is_problem_ = is_problem;
  set_text_colour(*words_, is_problem ? colours().error : colours().muted);
}

}  // namespace netwright
