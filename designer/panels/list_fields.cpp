#include "designer/panels/list_fields.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QToolButton>

#include <algorithm>

#include "designer/panels/number_spin.h"
#include "designer/panels/number_steps.h"
#include "designer/theme/icons.h"

namespace netwright {

namespace {

QStringList texts_of(const Value& value) {
  QStringList texts;
  if (const auto* wholes = std::get_if<Integers>(&value)) {
    for (const std::int64_t number : *wholes) {
      texts += QString::number(number);
    }
  } else if (const auto* reals = std::get_if<Reals>(&value)) {
    for (const double number : *reals) {
      texts += number_text(number);
    }
  }
  return texts;
}

/// Numbers for the spins while a word is chosen: those of the default, or the smallest.
Value first_numbers(const SettingSpec& spec) {
  if (!std::holds_alternative<std::string>(spec.fallback)) {
    return spec.fallback;
  }
  return Integers(spec.length, std::max<std::int64_t>(0, static_cast<std::int64_t>(spec.minimum)));
}

/// `setting.kernel_size.0`
QString part_name(const SettingField& field, std::size_t part) {
  return QStringLiteral("%1.%2").arg(field.objectName()).arg(part);
}

}  // namespace

SpinsField::SpinsField(const SettingSpec& spec, QWidget* parent)
    : SettingField(spec, parent), last_numbers_(first_numbers(spec)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  for (std::size_t part = 0; part < spec.length; ++part) {
    auto* spin = new NumberSpin(spec, this);
    spin->setObjectName(part_name(*this, part));
    spin->setAccessibleName(QStringLiteral("%1 %2").arg(accessibleName()).arg(part + 1));
    spin->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    row->addWidget(spin, 1);
    watch(spin);
    connect(spin, &NumberSpin::edited, this, [this, part] { read(part); });
    spins_.push_back(spin);
  }
  if (spec.length > 1 && spec.kind == SettingKind::Integers) {
    link_ = new QToolButton(this);
    link_->setObjectName(objectName() + QStringLiteral(".link"));
    link_->setCheckable(true);
    link_->setIconSize({14, 14});
    link_->setFixedSize(24, 24);
    link_->setProperty("quiet", true);
    link_->setAccessibleName(tr("Keep the numbers of %1 equal").arg(accessibleName()));
    row->addWidget(link_);
    connect(link_, &QToolButton::clicked, this, [this](bool linked) {
      set_linked(linked);
      if (linked) {
        read(0);
        emit rested();
      }
    });
  }
  for (const std::string& choice : spec.choices) {
    auto* button = new QToolButton(this);
    button->setObjectName(QStringLiteral("%1.%2").arg(objectName(), QString::fromStdString(choice)));
    button->setText(QString::fromStdString(choice));
    button->setCheckable(true);
    button->setProperty("chip", true);
    row->addWidget(button);
    connect(button, &QToolButton::clicked, this, [this, button](bool checked) { choose_word(button, checked); });
    words_.push_back(button);
  }
  setFocusProxy(spins_.front());
  display(spec.fallback);
}

void SpinsField::display(const Value& value) {
  const auto* word = std::get_if<std::string>(&value);
  for (QToolButton* button : words_) {
    button->setChecked(word != nullptr && button->text().toStdString() == *word);
  }
  if (word == nullptr) {
    last_numbers_ = value;
  }
  const QStringList texts = texts_of(last_numbers_);
  for (std::size_t part = 0; part < spins_.size(); ++part) {
    spins_[part]->setEnabled(word == nullptr);
    spins_[part]->show_text(word == nullptr ? texts.value(static_cast<qsizetype>(part)) : QString());
  }
  if (link_ != nullptr) {
    link_->setEnabled(word == nullptr);
    const bool are_equal = texts.count(texts.value(0)) == texts.size();
    // A user who parted two equal numbers is about to change one of them.
    const QWidget* focus = QApplication::focusWidget();
    const bool is_in_use = focus != nullptr && isAncestorOf(focus);
    set_linked(are_equal && (link_->isChecked() || !is_in_use));
  }
}

void SpinsField::read(std::size_t changed) {
  if (link_ != nullptr && link_->isChecked()) {
    for (NumberSpin* spin : spins_) {
      if (spin != spins_[changed]) {
        spin->show_text(spins_[changed]->text());
      }
    }
  }
  if (spec().kind == SettingKind::Integers) {
    Integers numbers;
    for (const NumberSpin* spin : spins_) {
      const auto number = spin->whole();
      if (!number) {
        refuse(tr("Type whole numbers"));
        return;
      }
      numbers.push_back(*number);
    }
    last_numbers_ = numbers;
    propose(numbers);
  } else {
    Reals numbers;
    for (const NumberSpin* spin : spins_) {
      const auto number = spin->real();
      if (!number) {
        refuse(tr("Type numbers, such as 0.9"));
        return;
      }
      numbers.push_back(*number);
    }
    last_numbers_ = numbers;
    propose(numbers);
  }
}

void SpinsField::choose_word(QToolButton* button, bool checked) {
  const Value chosen = checked ? Value(button->text().toStdString()) : last_numbers_;
  display(chosen);
  propose(chosen);
  emit rested();
}

void SpinsField::set_linked(bool linked) {
  link_->setChecked(linked);
  link_->setIcon(linked ? icon(QStringLiteral("link"), Ink::Accent) : icon(QStringLiteral("unlink"), Ink::Muted));
  link_->setToolTip(linked ? tr("Both numbers are kept equal. Click to set each.")
                           : tr("Click to keep both numbers equal."));
}

ListField::ListField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  edit_ = new QLineEdit(this);
  edit_->setObjectName(objectName() + QStringLiteral(".0"));
  edit_->setAccessibleName(accessibleName());
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(edit_);
  setFocusProxy(edit_);
  watch(edit_);
  display(spec.fallback);
  connect(edit_, &QLineEdit::textEdited, this, &ListField::read);
}

void ListField::display(const Value& value) {
  const auto* word = std::get_if<std::string>(&value);
  const QString text = word != nullptr ? QString::fromStdString(*word) : texts_of(value).join(QStringLiteral(", "));
  if (edit_->text() != text) {
    edit_->setText(text);
  }
}

void ListField::read(const QString& text) {
  const std::string word = text.trimmed().toStdString();
  if (std::find(spec().choices.begin(), spec().choices.end(), word) != spec().choices.end()) {
    propose(word);
    return;
  }
  static const QRegularExpression between(QStringLiteral("\\s*[,;×x\\s]\\s*"));
  const QStringList parts = text.trimmed().split(between, Qt::SkipEmptyParts);
  Integers wholes;
  Reals reals;
  for (const QString& part : parts) {
    const auto whole = whole_from(part);
    const auto real = real_from(part);
    if (spec().kind == SettingKind::Integers ? !whole : !real) {
      refuse(spec().kind == SettingKind::Integers ? tr("Type whole numbers between commas, such as 1, 28, 28")
                                                  : tr("Type numbers between commas, such as 0.5, 0.5"));
      return;
    }
    wholes.push_back(whole.value_or(0));
    reals.push_back(real.value_or(0));
  }
  if (spec().kind == SettingKind::Integers) {
    propose(wholes);
  } else {
    propose(reals);
  }
}

}  // namespace netwright
