#include "designer/sweep/axis_card.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QStyle>
#include <QToolButton>
#include <algorithm>

#include "backend/sweep/sweep_proposal.h"
#include "backend/sweep/sweep_text.h"
#include "designer/panels/quiet_combo.h"
#include "designer/panels/setting_field.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int choices_in_row = 3;
constexpr int range_kind = 1;  // of the box that chooses values or a range

QLabel* small_label(const QString& text) {
  auto* label = new QLabel(text);
  label->setProperty("role", "muted");
  return label;
}

}  // namespace

AxisCard::AxisCard(const VariableSetting& setting, QWidget* parent)
    : QFrame(parent), setting_(setting), complaint_(new QLabel) {
  const QString path = QString::fromStdString(setting.path);
  setObjectName(QStringLiteral("axis.") + path);
  setProperty("role", "card");
  auto* title = new QLabel(path);
  QFont bold = Theme::instance().body();
  bold.setWeight(QFont::DemiBold);
  title->setFont(bold);
  title->setToolTip(QString::fromStdString(setting.spec.help));
  auto* now = small_label(tr("now %1").arg(QString::fromStdString(sweep_value_text(setting.value))));
  now->setFont(Theme::instance().small_figures());
  auto* away = new QToolButton;
  away->setObjectName(QStringLiteral("axis.remove"));
  away->setIcon(icon(QStringLiteral("close"), Ink::Muted));
  away->setIconSize({12, 12});
  away->setToolTip(tr("Don't vary it"));
  away->setAccessibleName(tr("Don't vary %1").arg(path));
  connect(away, &QToolButton::clicked, this, &AxisCard::remove_requested);
  complaint_->setObjectName(QStringLiteral("axis.complaint"));
  complaint_->setProperty("role", "error");
  complaint_->setFont(Theme::instance().caption());
  complaint_->setWordWrap(true);

  auto* head = new QHBoxLayout;
  head->setSpacing(8);
  head->addWidget(title);
  head->addWidget(now, 1);
  head->addWidget(away);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(10, 4, 6, 8);
  column->setSpacing(4);
  column->addLayout(head);
  const bool is_words = setting.spec.kind == SettingKind::Boolean || setting.spec.kind == SettingKind::Choice;
  column->addWidget(is_words ? build_words() : build_numbers());
  column->addWidget(complaint_);
  connect(this, &AxisCard::changed, this, &AxisCard::show_complaint);
  show_complaint();
}

/// A box for each word; those that are proposed are ticked.
QWidget* AxisCard::build_words() {
  const SweepAxis proposed = proposed_axis(setting_);
  std::vector<Value> all;
  if (setting_.spec.kind == SettingKind::Boolean) {
    all = {false, true};
  } else {
    all.assign(setting_.spec.choices.begin(), setting_.spec.choices.end());
  }
  auto* boxes = new QWidget;
  auto* grid = new QGridLayout(boxes);
  grid->setContentsMargins(0, 0, 4, 0);
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const QString word = QString::fromStdString(to_text(all[i]));
    auto* box = new QCheckBox(word);
    box->setObjectName(QStringLiteral("axis.choice.") + word);
    box->setChecked(std::find(proposed.values.begin(), proposed.values.end(), all[i]) != proposed.values.end());
    connect(box, &QCheckBox::clicked, this, &AxisCard::changed);
    grid->addWidget(box, static_cast<int>(i) / choices_in_row, static_cast<int>(i) % choices_in_row);
    choices_ += box;
  }
  grid->setColumnStretch(choices_in_row, 1);
  return boxes;
}

QWidget* AxisCard::build_numbers() {
  values_ = new QLineEdit(QString::fromStdString(values_text(proposed_axis(setting_).values)));
  values_->setObjectName(QStringLiteral("axis.values"));
  values_->setAccessibleName(tr("Values of %1, with commas between them").arg(QString::fromStdString(setting_.path)));
  const bool is_list = setting_.spec.kind == SettingKind::Integers || setting_.spec.kind == SettingKind::Reals;
  values_->setToolTip(is_list ? tr("Values with commas between them: 3, 5, 3x7")
                              : tr("Values with commas between them"));
  values_->setFont(Theme::instance().figures());
  connect(values_, &QLineEdit::textEdited, this, &AxisCard::changed);
  auto* fields = new QWidget;
  auto* row = new QHBoxLayout(fields);
  row->setContentsMargins(0, 0, 4, 0);
  row->setSpacing(6);
  if (setting_.spec.kind == SettingKind::Integer || setting_.spec.kind == SettingKind::Real) {
    kind_ = new QuietCombo;
    kind_->setObjectName(QStringLiteral("axis.kind"));
    kind_->setAccessibleName(tr("Values or a range"));
    kind_->addItems({tr("Values"), tr("Range")});
    row->addWidget(kind_);
    range_ = build_range();
    range_->hide();
    connect(kind_, &QComboBox::activated, this, [this] {
      range_->setVisible(is_range());
      values_->setVisible(!is_range());
      emit changed();
    });
  }
  row->addWidget(values_, 1);
  if (range_) row->addWidget(range_, 1);
  return fields;
}

SettingField* AxisCard::add_field(const SettingSpec& spec, const Value& value) {
  SettingField* field = make_setting_field(spec, range_);
  field->show_value(value);
  connect(field, &SettingField::edited, this, &AxisCard::changed);
  connect(field, &SettingField::complaint_changed, this, &AxisCard::changed);
  range_->layout()->addWidget(field);
  return field;
}

QWidget* AxisCard::build_range() {
  const SweepRange proposed = proposed_range(setting_);
  range_ = new QWidget;
  auto* row = new QHBoxLayout(range_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(5);
  SettingSpec end = setting_.spec;
  const auto value_of = [&](double number) {
    return end.kind == SettingKind::Integer ? Value(static_cast<std::int64_t>(number)) : Value(number);
  };
  end.fallback = value_of(proposed.low);
  end.name = "from";
  end.help = "The least";
  from_ = add_field(end, value_of(proposed.low));
  row->addWidget(small_label(tr("to")));
  end.fallback = value_of(proposed.high);
  end.name = "to";
  end.help = "The greatest";
  to_ = add_field(end, value_of(proposed.high));
  row->addWidget(small_label(tr("in")));
  count_ = add_field({.name = "count",
                      .kind = SettingKind::Integer,
                      .fallback = std::int64_t{3},
                      .help = "How many values a grid takes of it",
                      .minimum = 2,
                      .maximum = 1000},
                     static_cast<std::int64_t>(proposed.count));
  row->addWidget(small_label(tr("steps")));
  log_ = add_field(
      {.name = "log", .kind = SettingKind::Boolean, .fallback = false, .help = "Even distances of the logarithms"},
      proposed.is_log);
  row->addWidget(small_label(tr("log")));
  for (SettingField* wide : {from_, to_}) row->setStretchFactor(wide, 1);
  return range_;
}

bool AxisCard::is_range() const {
  return kind_ && kind_->currentIndex() == range_kind;
}

Result<SweepAxis> AxisCard::axis() const {
  SweepAxis axis{setting_.path};
  if (is_range()) {
    for (const SettingField* field : {from_, to_, count_}) {
      if (!field->complaint().isEmpty()) return Error{field->complaint().toStdString()};
    }
    const auto number = [](const Value& value) {
      const auto* whole = std::get_if<std::int64_t>(&value);
      return whole ? static_cast<double>(*whole) : std::get<double>(value);
    };
    axis.range = SweepRange{number(from_->value()), number(to_->value()),
                            static_cast<int>(std::get<std::int64_t>(count_->value())), std::get<bool>(log_->value())};
    if (!(axis.range->low < axis.range->high)) return Error{tr("The range must go upwards").toStdString()};
    if (axis.range->is_log && !(axis.range->low > 0)) {
      return Error{tr("A logarithmic range must begin above 0").toStdString()};
    }
    return axis;
  }
  if (values_) {
    auto values = values_from_text(setting_.spec, values_->text().toStdString());
    if (!values) return values.error();
    axis.values = std::move(*values);
  }
  for (const QCheckBox* box : choices_) {
    if (!box->isChecked()) continue;
    const bool is_flag = setting_.spec.kind == SettingKind::Boolean;
    axis.values.push_back(is_flag ? Value(box->text() == QLatin1String("true")) : Value(box->text().toStdString()));
  }
  if (axis.values.empty()) return Error{tr("Give at least one value").toStdString()};
  return axis;
}

void AxisCard::show_complaint() {
  const Result<SweepAxis> said = axis();
  complaint_->setText(said ? QString() : QString::fromStdString(said.error().message));
  complaint_->setVisible(!said);
  if (!values_) return;
  const bool is_wrong = !said && !is_range();
  if (values_->property("wrong").toBool() == is_wrong) return;
  values_->setProperty("wrong", is_wrong);
  values_->style()->unpolish(values_);
  values_->style()->polish(values_);
}

}  // namespace netwright
