#pragma once
// Everything the window can do, once: menus, toolbar, shortcuts and the list of shortcuts are made of these.

#include <QAction>
#include <QList>

namespace netwright {

/// The actions belong to `window`; their object names are `action.<member>`. What they do is connected elsewhere.
struct WindowActions {
  explicit WindowActions(QWidget* window);

  QAction* new_project;
  QAction* open;
  QAction* save;
  QAction* save_as;
  QAction* import_file;
  QList<QAction*> exports;  ///< as export_formats(): `action.export.onnx`
  QAction* quit;

  QAction* undo;
  QAction* redo;
  QAction* cut;
  QAction* copy;
  QAction* paste;
  QAction* duplicate;
  QAction* remove;
  QAction* select_all;
  QAction* rename_layer;
  QAction* find_type;

  QAction* zoom_in;
  QAction* zoom_out;
  QAction* zoom_reset;
  QAction* fit;
  QAction* snap;
  QAction* show_palette;
  QAction* show_side;
  QAction* show_explain;
  QAction* show_bottom;
  QAction* system_appearance;
  QAction* light_appearance;
  QAction* dark_appearance;

  QAction* add_network;
  QAction* rename_network;
  QAction* remove_network;
  QAction* arrange;
  QAction* make_block;
  QAction* open_block;
  QAction* expand_block;

  QAction* train;
  QAction* pause;
  QAction* resume;
  QAction* stop;
  QAction* sweep;

  QAction* shortcuts;
  QAction* about;

 private:
  QAction* add(const char* name, const QString& text, const QString& icon_name, const QList<QKeySequence>& keys = {});
  QWidget* window_;
};

}  // namespace netwright
