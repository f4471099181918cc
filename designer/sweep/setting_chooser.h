#pragma once
// Every setting that can be varied, to be searched and chosen.

#include <QElapsedTimer>
#include <QWidget>
#include <set>
#include <string>
#include <vector>

#include "backend/sweep/variable_setting.h"

class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace netwright {

class SettingChooser : public QWidget {
  Q_OBJECT

 public:
  SettingChooser(std::vector<VariableSetting> settings, QWidget* parent = nullptr);

  /// Those that are marked, by their paths.
  void set_chosen(std::set<std::string> paths);
  void focus_search();

 signals:
  /// A click or Enter on a setting: it is to be varied, or no longer.
  void toggled(const netwright::VariableSetting& setting);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void fill();
  void toggle(const QTreeWidgetItem* item);
  void mark(QTreeWidgetItem& item, const VariableSetting& setting) const;

  std::vector<VariableSetting> settings_;
  std::set<std::string> chosen_;
  QLineEdit* search_;
  QTreeWidget* tree_;
  QElapsedTimer toggled_at_;
  int toggled_last_ = -1;
};

}  // namespace netwright
