#pragma once
// Charts side by side, as many as there is room for, up to three; a row of their names chooses which.

#include <QStringList>
#include <QWidget>
#include <vector>

class QHBoxLayout;
class QToolButton;

namespace netwright {

class LiveChart;

class ChartGrid : public QWidget {
  Q_OBJECT

 public:
  /// `prefix` begins the object names of the charts (`chart.Loss`) and of the buttons that choose them.
  explicit ChartGrid(const QString& prefix, QWidget* parent = nullptr);

  /// Null where there is none of that title.
  LiveChart* chart(const QString& title) const;
  /// Titles of the charts that are seen now.
  QStringList visible_charts() const;

 protected:
  /// Another chart, `heading` above it; it is seen after set_order().
  LiveChart* add_chart(const QString& title, const QString& heading);
  void remove_chart(const QString& title);
  /// All titles, in the order of the row of names. `usual`: what is worth most comes first, and is seen unless the user
  /// chose otherwise.
  void set_order(const QStringList& titles, QStringList usual);

  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Entry {
    QString title;
    LiveChart* chart;
    QToolButton* toggle;
  };

  void toggle(const QString& title);
  void arrange();
  void arrange_chooser();
  QRect chart_area() const;

  QString prefix_;
  std::vector<Entry> entries_;
  QStringList chosen_;  ///< titles, the last chosen last: where there is no room the first ones give way
  bool is_chosen_by_user_ = false;
  QWidget* chooser_;
  QHBoxLayout* chooser_row_;
};

}  // namespace netwright
