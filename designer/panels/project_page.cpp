#include "designer/panels/project_page.h"

#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTimer>
#include <QVBoxLayout>

#include "backend/data/data_catalogue.h"
#include "designer/panels/figure_grid.h"
#include "designer/panels/figure_text.h"
#include "designer/panels/section.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

namespace netwright {

ProjectPage::ProjectPage(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  name_ = new QLineEdit(this);
  name_->setObjectName(QStringLiteral("inspector.project_name"));
  name_->setAccessibleName(tr("Project's name"));
  name_->setPlaceholderText(tr("Name of the project"));
  note_ = new QPlainTextEdit(this);
  note_->setObjectName(QStringLiteral("inspector.note"));
  note_->setAccessibleName(tr("Note"));
  note_->setPlaceholderText(tr("What is tried here, and why"));
  note_->setTabChangesFocus(true);
  note_->setUndoRedoEnabled(false);
  note_->setFixedHeight(84);
  source_ = new QComboBox(this);
  source_->setObjectName(QStringLiteral("inspector.data_source"));
  source_->setAccessibleName(tr("Data"));
  source_->setFocusPolicy(Qt::StrongFocus);
  source_->addItem(tr("None chosen"), QString());
  for (const DataSpec& spec : data_catalogue()) {
    source_->addItem(QString::fromStdString(spec.title), QString::fromStdString(spec.source));
    source_->setItemData(source_->count() - 1, QString::fromStdString(spec.summary), Qt::ToolTipRole);
  }
  source_words_ = new QLabel(this);
  source_words_->setObjectName(QStringLiteral("inspector.data_words"));
  source_words_->setProperty("role", "muted");
  source_words_->setWordWrap(true);
  form_ = new SettingsForm(this);
  form_->setObjectName(QStringLiteral("inspector.data_form"));
  figures_ = new FigureGrid(this);
  figures_->setObjectName(QStringLiteral("inspector.data_figures"));
  rest_ = new QTimer(this);
  rest_->setSingleShot(true);
  rest_->setInterval(1000);
  for (QWidget* field : std::initializer_list<QWidget*>{name_, note_, source_}) {
    field->installEventFilter(this);
  }

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(panel_margin, panel_margin, panel_margin, panel_margin);
  column->setSpacing(8);
  QLabel* title = section_title(tr("Project"), this);
  title->setContentsMargins(0, 0, 0, 0);
  column->addWidget(title);
  column->addWidget(name_);
  column->addWidget(note_);
  column->addWidget(section_title(tr("Data"), this));
  column->addWidget(source_);
  column->addWidget(source_words_);
  column->addWidget(form_);
  column->addWidget(figures_);
  column->addStretch(1);

  connect(name_, &QLineEdit::textEdited, this, [this](const QString& name) {
    gesture_ = gesture_.isEmpty() ? new_merge_key() : gesture_;
    rest_->start();
    (void)document_.edit(tr("Rename the project"), {SetProjectName{name.toStdString()}}, gesture_);
  });
  connect(note_, &QPlainTextEdit::textChanged, this, [this] {
    const std::string note = note_->toPlainText().toStdString();
    if (note != document_.project().note) {
      gesture_ = gesture_.isEmpty() ? new_merge_key() : gesture_;
      rest_->start();
      (void)document_.edit(tr("Change the note"), {SetNote{note}}, gesture_);
    }
  });
  connect(rest_, &QTimer::timeout, this, [this] { gesture_.clear(); });
  connect(source_, &QComboBox::activated, this, &ProjectPage::choose_source);
  connect(form_, &SettingsForm::setting_changed, this,
          [this](const QString& setting, const Value& value, const QString& gesture) {
            DataSource chosen = document_.project().data;
            chosen.settings.set(setting.toStdString(), value);
            change_data(chosen, gesture);
          });
  connect(&document_, &Document::replaced, form_, &SettingsForm::restore);
  show_project();
}

void ProjectPage::show_project() {
  const Project& project = document_.project();
  const QString name = QString::fromStdString(project.name);
  if (name_->text() != name) {
    name_->setText(name);
  }
  const QString note = QString::fromStdString(project.note);
  if (note_->toPlainText() != note) {
    const QSignalBlocker quiet(note_);
    note_->setPlainText(note);
  }
  show_data();
}

bool ProjectPage::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusOut) {
    gesture_.clear();
  } else if (event->type() == QEvent::ShortcutOverride) {
    // What is typed is live: undo means the document's.
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
      event->ignore();
      return true;
    }
  } else if (event->type() == QEvent::Wheel && watched == source_ && !source_->hasFocus()) {
    event->ignore();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void ProjectPage::show_data() {
  const DataSource& chosen = document_.project().data;
  const int index = source_->findData(QString::fromStdString(chosen.source));
  source_->setCurrentIndex(index);
  const DataSpec* spec = find_data_spec(chosen.source);
  static const std::vector<SettingSpec> none;
  const std::vector<SettingSpec>& specs = spec != nullptr ? spec->settings : none;
  form_->show_settings(specs, completed(specs, chosen.settings));
  form_->setVisible(!specs.empty());

  QString words = spec != nullptr ? QString::fromStdString(spec->summary) : tr("Choose what the network learns from.");
  if (spec == nullptr && !chosen.source.empty()) {
    words = tr("This version doesn't know the data source “%1”.").arg(QString::fromStdString(chosen.source));
  }
  if (spec != nullptr && spec->missing != nullptr) {
    const std::string missing = spec->missing();
    words = missing.empty() ? words : QString::fromStdString(missing);
  }
  source_words_->setText(words);
  const auto description = describe(chosen);
  figures_->setVisible(description.has_value());
  if (description) {
    figures_->show_figures({{tr("Sample"), QString::fromStdString(description->sample_shape.to_string()), {}},
                            {tr("Classes"), count_text(description->classes), {}},
                            {tr("Training samples"), count_text(description->train_samples), {}},
                            {tr("Test samples"), count_text(description->test_samples), {}}});
  }
}

void ProjectPage::choose_source(int index) {
  DataSource chosen;
  chosen.source = source_->itemData(index).toString().toStdString();
  if (chosen.source == document_.project().data.source) {
    return;
  }
  form_->restore();
  change_data(chosen, {});
}

void ProjectPage::change_data(const DataSource& chosen, const QString& gesture) {
  (void)document_.edit(tr("Change the data"), {SetData{chosen}}, gesture);
}

}  // namespace netwright
