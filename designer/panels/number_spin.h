#pragma once
// A spin box for one number of a setting: whole (64 bits) or real (significant digits, from 1e-8 to 1e6 alike).

#include <QAbstractSpinBox>

#include "backend/core/settings.h"

namespace netwright {

class NumberSpin : public QAbstractSpinBox {
  Q_OBJECT

 public:
  /// Steps as number_steps.h says for `spec`, whose kind also says whether numbers are whole. What is typed may lie
  /// outside the spec's range: the form then says so.
  explicit NumberSpin(const SettingSpec& spec, QWidget* parent = nullptr);

  /// Nothing where the text is no number.
  std::optional<std::int64_t> whole() const;
  std::optional<double> real() const;
  /// Cursor and selection stay where the text is the same; never emits.
  void show_text(const QString& text);

  void stepBy(int steps) override;

 signals:
  /// Typed, stepped or scrolled by the user.
  void edited();

 protected:
  StepEnabled stepEnabled() const override;
  void wheelEvent(QWheelEvent* event) override;
  bool event(QEvent* event) override;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 private:
  SettingSpec spec_;
  bool is_whole_;
};

}  // namespace netwright
