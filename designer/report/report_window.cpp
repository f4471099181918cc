#include "designer/report/report_window.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QStyle>
#include <QUrl>
#include <QVBoxLayout>

#include "backend/core/safe_file.h"
#include "backend/report/report_html.h"
#include "backend/report/run_report.h"
#include "backend/run/run_folder.h"
#include "designer/document/file_path.h"
#include "designer/report/report_view.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"
#include "designer/training/elided_label.h"
#include "designer/training/run_record.h"
#include "designer/window/failure.h"

namespace netwright {
namespace {

constexpr int grace_ms = 500;

QString page_beside(const QString& folder) {
  return QString::fromStdU16String(report_page_of(path_of(folder)).u16string());
}

QString report_beside(const QString& folder) {
  return QString::fromStdU16String(report_file_of(path_of(folder)).u16string());
}

}  // namespace

ReportWindow::ReportWindow(const QString& run_folder, const QString& name, QWidget* parent)
    : QWidget(parent, Qt::Window),
      folder_(run_folder),
      name_(name),
      heading_(new ElidedLabel),
      words_(new QLabel),
      progress_(new QProgressBar),
      make_(new QPushButton),
      browse_(new QPushButton(tr("Open in browser"))),
      save_(new QPushButton(tr("Save HTML as…"))),
      pages_(new QStackedWidget),
      view_(new ReportView),
      invitation_(new QLabel) {
  setObjectName(QStringLiteral("report"));
  setWindowTitle(tr("Report: %1").arg(name));
  build();
  connect(make_, &QPushButton::clicked, this, [this] { engine_.is_running() ? engine_.stop() : make_report(); });
  connect(browse_, &QPushButton::clicked, this, &ReportWindow::open_in_browser);
  connect(save_, &QPushButton::clicked, this, &ReportWindow::save_page);
  connect(&engine_, &EngineProcess::event_arrived, this, &ReportWindow::take);
  connect(&engine_, &EngineProcess::finished, this, [this] { end(failure_); });
  connect(&engine_, &EngineProcess::failed, this, &ReportWindow::end);
  // It leaves nothing half written, so it needs no time to stop.
  engine_.set_grace(0, grace_ms);
  connect(new QShortcut(QKeySequence::Close, this), &QShortcut::activated, this, &QWidget::close);
  load();
}

ReportWindow::~ReportWindow() {
  engine_.disconnect(this);
}

void ReportWindow::build() {
  setAutoFillBackground(true);
  const auto restyle = [this] { heading_->setFont(Theme::instance().heading()); };
  connect(&Theme::instance(), &Theme::changed, this, restyle);
  restyle();
  heading_->setText(name_);
  words_->setObjectName(QStringLiteral("report.words"));
  words_->setWordWrap(true);
  words_->setTextFormat(Qt::PlainText);
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  progress_->setObjectName(QStringLiteral("report.progress"));
  progress_->setRange(0, 0);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(4);
  make_->setObjectName(QStringLiteral("report.make"));
  browse_->setObjectName(QStringLiteral("report.browse"));
  browse_->setToolTip(tr("Opens the report as a page that also prints well"));
  save_->setObjectName(QStringLiteral("report.save"));
  save_->setToolTip(tr("Saves the page as one file that needs nothing else"));
  invitation_->setObjectName(QStringLiteral("report.invitation"));
  invitation_->setText(
      tr("No report of this run yet.\n\nIt tells the quality on the test samples, what the network costs in numbers, "
         "memory and time, how steadily and how soon the run converged, and how the network does on samples it "
         "didn't learn from, under noise, blur and attack."));
  invitation_->setWordWrap(true);
  invitation_->setAlignment(Qt::AlignCenter);
  invitation_->setProperty("role", "muted");
  invitation_->setMaximumWidth(460);

  auto* head = new QHBoxLayout;
  head->setContentsMargins(14, 9, 14, 9);
  head->setSpacing(8);
  head->addWidget(heading_, 1);
  head->addWidget(browse_);
  head->addWidget(save_);
  head->addWidget(make_);
  auto* strip = new QVBoxLayout;
  strip->setContentsMargins(14, 0, 14, 8);
  strip->setSpacing(6);
  strip->addWidget(words_);
  strip->addWidget(progress_);
  auto* line = new QFrame;
  line->setProperty("role", "line");
  auto* empty = new QWidget;
  auto* middle = new QHBoxLayout(empty);
  middle->addStretch(1);
  middle->addWidget(invitation_, 10);
  middle->addStretch(1);
  pages_->addWidget(empty);
  pages_->addWidget(view_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(head);
  column->addLayout(strip);
  column->addWidget(line);
  column->addWidget(pages_, 1);
  resize(1000, 760);
}

void ReportWindow::set_training(std::function<bool()> is_training) {
  is_training_ = std::move(is_training);
  show_state();
}

void ReportWindow::load() {
  report_.reset();
  if (QFileInfo::exists(report_beside(folder_))) {
    const auto read = read_report(path_of(report_beside(folder_)));
    if (read) {
      report_ = std::make_shared<RunReport>(*read);
      view_->show_report(*report_);
    } else if (failure_.isEmpty()) {
      failure_ = QString::fromStdString(read.error().message);
    }
  }
  show_state();
}

bool ReportWindow::is_outdated() const {
  const QFileInfo record(QDir(folder_).filePath(QStringLiteral("events.jsonl")));
  return record.exists() && record.lastModified() > QFileInfo(report_beside(folder_)).lastModified();
}

void ReportWindow::show_state() {
  const bool is_making = engine_.is_running();
  pages_->setCurrentIndex(report_ ? 1 : 0);
  browse_->setVisible(report_ != nullptr);
  save_->setVisible(report_ != nullptr);
  browse_->setEnabled(!is_making);
  save_->setEnabled(!is_making);
  make_->setText(is_making ? tr("Stop") : report_ ? tr("Make it anew") : tr("Make report"));
  make_->setProperty("primary", !report_ && !is_making);
  make_->style()->unpolish(make_);
  make_->style()->polish(make_);
  make_->setToolTip(is_making ? tr("Stops measuring; what there was before stays") : QString());
  progress_->setVisible(is_making);
  if (is_making) return;
  QString role = QStringLiteral("muted");
  QString words;
  if (!failure_.isEmpty()) {
    words = failure_;
    role = QStringLiteral("error");
  } else if (report_ && is_outdated()) {
    words = tr("The run went on since this report was made.");
    role = QStringLiteral("warning");
  } else if (is_training_ && is_training_()) {
    words =
        tr("A run is going on: making a report slows it down, and the times that are measured will be longer than "
           "they are alone.");
  }
  words_->setProperty("role", role);
  words_->style()->unpolish(words_);
  words_->style()->polish(words_);
  words_->setText(words);
  words_->setVisible(!words.isEmpty());
}

void ReportWindow::make_report() {
  if (engine_.is_running()) return;
  failure_.clear();
  EngineJob job;
  job.verb = QStringLiteral("report");
  job.target = folder_;
  job.arguments = arguments_;
  engine_.start(job);
  show_state();
  words_->setProperty("role", QStringLiteral("muted"));
  words_->style()->unpolish(words_);
  words_->style()->polish(words_);
  words_->setText(tr("Starting the engine…"));
  words_->show();
}

void ReportWindow::take(const Event& event) {
  if (const auto* said = std::get_if<MessageEvent>(&event)) {
    words_->setText(QString::fromStdString(said->text) + QStringLiteral("…"));
  } else if (const auto* done = std::get_if<DoneEvent>(&event); done && done->reason != "finished") {
    failure_ = QString::fromStdString(done->message);
  }
}

void ReportWindow::end(const QString& failure) {
  failure_ = failure;
  load();
}

void ReportWindow::fail(const QString& title, const QString& why) {
  show_failure(this, title, page_beside(folder_), why);
}

void ReportWindow::open_in_browser() {
  if (!report_) return;
  const QString page = page_beside(folder_);
  // A report may have been made with its page elsewhere.
  if (const auto written = write_file(path_of(page), report_html(*report_)); !written) {
    fail(tr("The page couldn't be written"), QString::fromStdString(written.error().message));
    return;
  }
  if (!QDesktopServices::openUrl(QUrl::fromLocalFile(page))) {
    fail(tr("The page couldn't be opened"), tr("No program here opens pages of HTML; the file is there all the same."));
  }
}

void ReportWindow::save_page() {
  if (!report_) return;
  auto* dialog = new QFileDialog(this, tr("Save the report"), QString(), tr("Page of HTML (*.html)"));
  dialog->setObjectName(QStringLiteral("report.save_dialog"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("html"));
  dialog->selectFile(QString::fromStdString(file_name_of(name_.toStdString())) + QStringLiteral("-report.html"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, report = report_](const QString& path) {
    const auto written = write_file(path_of(path), report_html(*report));
    if (!written) {
      show_failure(this, tr("The report couldn't be saved"), path, QString::fromStdString(written.error().message));
      return;
    }
    words_->setText(tr("Saved %1").arg(QDir::toNativeSeparators(path)));
    words_->show();
  });
  dialog->open();
}

ReportWindow* show_report_window(const QString& run_folder, QWidget* parent, std::function<bool()> is_training,
                                 const QString& program) {
  for (ReportWindow* open : parent->findChildren<ReportWindow*>(QString(), Qt::FindDirectChildrenOnly)) {
    if (open->run_folder() != run_folder) continue;
    open->showNormal();
    open->raise();
    open->activateWindow();
    return open;
  }
  const QString name = QString::fromStdString(title_of_run(QFileInfo(run_folder).fileName().toStdString()));
  auto* window = new ReportWindow(run_folder, name, parent);
  window->setAttribute(Qt::WA_DeleteOnClose);
  window->engine().set_program(program);
  window->set_training(std::move(is_training));
  const QRect around = parent->window()->geometry();
  window->move(around.center() - QPoint(window->width() / 2, window->height() / 2));
  window->show();
  return window;
}

}  // namespace netwright
