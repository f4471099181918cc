#include "designer/panels/settings_form.h"

#include <QAction>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QStyle>
#include <QTimer>

#include <algorithm>

#include "designer/document/document.h"
#include "designer/panels/setting_field.h"
#include "designer/theme/icons.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

constexpr int rest_ms = 1000;

bool are_same(const std::vector<SettingSpec>& a, const std::vector<SettingSpec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SettingSpec& x, const SettingSpec& y) {
    return x.name == y.name && x.kind == y.kind && x.fallback == y.fallback && x.help == y.help &&
           x.minimum == y.minimum && x.maximum == y.maximum && x.choices == y.choices && x.length == y.length;
  });
}

}  // namespace

struct SettingsForm::Row {
  SettingField* field;
  QLabel* label;
  QLabel* words;
  QTimer* rest;
  QString gesture;
  QString remark;
  bool is_hidden = false;
};

SettingsForm::SettingsForm(QWidget* parent) : QWidget(parent) {
  setLayout(new QGridLayout);
  connect(&Theme::instance(), &Theme::changed, this, &SettingsForm::restyle);
}

SettingsForm::~SettingsForm() = default;

void SettingsForm::show_settings(const std::vector<SettingSpec>& specs, const Settings& settings) {
  if (!are_same(specs, specs_)) {
    build(specs);
  }
  for (Row& row : rows_) {
    const Value* value = settings.find(row.field->spec().name);
    row.field->show_value(value != nullptr ? *value : row.field->spec().fallback);
    show_words(row);
  }
}

void SettingsForm::restore() {
  for (Row& row : rows_) {
    row.field->restore();
    row.rest->stop();
    row.gesture.clear();
  }
}

void SettingsForm::build(const std::vector<SettingSpec>& specs) {
  specs_ = specs;
  rows_.clear();
  qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
  qDeleteAll(findChildren<QTimer*>(Qt::FindDirectChildrenOnly));
  delete layout();
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(3);
  grid->setColumnStretch(1, 1);

  QWidget* previous = nullptr;
  for (std::size_t index = 0; index < specs.size(); ++index) {
    const QString name = QString::fromStdString(specs[index].name);
    Row row;
    row.field = make_setting_field(specs[index], this);
    row.label = new QLabel(name, this);
    row.label->setObjectName(QStringLiteral("label.") + name);
    row.label->setBuddy(row.field);
    row.label->setToolTip(row.field->toolTip());
    row.label->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(row.label, &QWidget::customContextMenuRequested, this, [this, index](const QPoint& place) {
      const QLabel* label = rows_[index].label;
      QMenu menu;
      menu.setObjectName(QStringLiteral("setting_menu"));
      menu.addActions(label->actions());
      emit menu_opening(QString::fromStdString(specs_[index].name), &menu);
      menu.exec(label->mapToGlobal(place));
    });
    row.words = new QLabel(this);
    row.words->setObjectName(QStringLiteral("complaint.") + name);
    row.words->setProperty("role", "error");
    row.words->setWordWrap(true);
    row.words->hide();
    row.rest = new QTimer(this);
    row.rest->setSingleShot(true);
    row.rest->setInterval(rest_ms);

    const int line = static_cast<int>(index) * 2;
    grid->addWidget(row.label, line, 0, Qt::AlignVCenter);
    grid->addWidget(row.field, line, 1);
    grid->addWidget(row.words, line + 1, 1);
    if (previous != nullptr) {
      setTabOrder(previous, row.field);
    }
    previous = row.field;

    auto* reset = new QAction(icon(QStringLiteral("reset"), Ink::Muted),
                              tr("Reset to %1").arg(QString::fromStdString(to_text(specs[index].fallback))), row.label);
    row.label->addAction(reset);
    connect(reset, &QAction::triggered, this, [this, index] {
      Row& clicked = rows_[index];
      clicked.field->show_value(clicked.field->spec().fallback);
      show_words(clicked);
      emit setting_changed(QString::fromStdString(specs_[index].name), specs_[index].fallback, new_merge_key());
    });
    connect(row.field, &SettingField::edited, this, [this, index](const Value& value) {
      Row& edited = rows_[index];
      if (edited.gesture.isEmpty()) {
        edited.gesture = new_merge_key();
      }
      edited.rest->start();
      show_words(edited);
      emit setting_changed(QString::fromStdString(specs_[index].name), value, edited.gesture);
    });
    const auto end_gesture = [this, index] {
      rows_[index].rest->stop();
      rows_[index].gesture.clear();
    };
    connect(row.field, &SettingField::rested, this, end_gesture);
    connect(row.rest, &QTimer::timeout, this, end_gesture);
    connect(row.field, &SettingField::complaint_changed, this, [this, index] { show_words(rows_[index]); });
    rows_.push_back(row);
  }
  restyle();
}

void SettingsForm::set_hidden(const std::vector<std::string>& settings) {
  for (Row& row : rows_) {
    row.is_hidden = std::find(settings.begin(), settings.end(), row.field->spec().name) != settings.end();
    row.label->setVisible(!row.is_hidden);
    row.field->setVisible(!row.is_hidden);
    show_words(row);
  }
}

void SettingsForm::set_remark(const QString& setting, const QString& words) {
  if (Row* row = find(setting)) {
    row->remark = words;
    show_words(*row);
  }
}

void SettingsForm::set_mark(const QString& setting, const QString& words) {
  if (Row* row = find(setting)) {
    row->label->setText(words.isEmpty() ? setting : setting + QStringLiteral(" ↑"));
    const QString help = row->field->toolTip();
    row->label->setToolTip(words.isEmpty() ? help : help + QStringLiteral("\n") + words);
  }
}

void SettingsForm::clear_remarks() {
  for (Row& row : rows_) {
    row.remark.clear();
    show_words(row);
  }
}

void SettingsForm::show_words(Row& row) {
  const QString words = row.field->complaint().isEmpty() ? row.remark : row.field->complaint();
  row.words->setText(words);
  row.words->setVisible(!words.isEmpty() && !row.is_hidden);
  for (QWidget* part : row.field->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
    if (part->property("wrong").toBool() == words.isEmpty()) {
      part->setProperty("wrong", !words.isEmpty());
      part->style()->unpolish(part);
      part->style()->polish(part);
    }
  }
  // What differs from the default stands out quietly.
  const bool is_default = row.field->value() == row.field->spec().fallback;
  set_text_colour(*row.label, is_default ? colours().muted : colours().text);
  for (QAction* action : row.label->actions()) {
    action->setEnabled(!is_default);
  }
}

void SettingsForm::restyle() {
  for (Row& row : rows_) {
    row.words->setFont(Theme::instance().caption());
    show_words(row);
  }
}

SettingsForm::Row* SettingsForm::find(const QString& setting) {
  for (Row& row : rows_) {
    if (QString::fromStdString(row.field->spec().name) == setting) {
      return &row;
    }
  }
  return nullptr;
}

int count_chosen(const std::vector<SettingSpec>& specs, const Settings& settings) {
  return static_cast<int>(std::count_if(specs.begin(), specs.end(), [&](const SettingSpec& spec) {
    const Value* value = settings.find(spec.name);
    return value != nullptr && *value != spec.fallback;
  }));
}

}  // namespace netwright
