#pragma once
// The inspector's page of one layer.

#include <QWidget>

#include "designer/document/document.h"

class QCheckBox;
class QComboBox;
class QFrame;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;

namespace netwright {

class FigureGrid;
class SettingsForm;

class LayerPage : public QWidget {
  Q_OBJECT

 public:
  explicit LayerPage(Document& document, QWidget* parent = nullptr);

  void show_layer(NetworkId network, LayerId layer);
  void focus_name();

 signals:
  /// The network that the shown Block stands for.
  void network_requested(netwright::NetworkId network);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  const Layer* layer() const;
  void show_name(const Layer& layer);
  void show_settings(const Layer& layer);
  std::vector<SettingSpec> shown_specs(const Layer& layer) const;
  void change(const QString& setting, const Value& value, const QString& gesture);
  void offer_exposing(const QString& setting, QMenu& menu);
  void expose(const QString& setting);
  void set_exposed(const QString& text, const std::vector<ExposedSetting>& exposed);
  void show_figures(const Layer& layer);
  void show_weights(const Layer& layer, const LayerReport* report);
  void choose_initialisation(int index);
  void rename(const QString& name);
  void restyle();

  Document& document_;
  NetworkId network_;
  LayerId layer_;
  QLineEdit* name_;
  QLabel* name_complaint_;
  QFrame* edge_;
  QLabel* type_;
  QLabel* summary_;
  SettingsForm* form_;
  QPushButton* open_;  ///< the network of a Block
  QCheckBox* trainable_;
  QWidget* initialisation_row_;
  QComboBox* initialisation_;
  FigureGrid* figures_;
  QString rename_gesture_;
};

}  // namespace netwright
