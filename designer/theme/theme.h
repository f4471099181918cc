#pragma once
// Colours and type of the whole window, light and dark. Every widget and item asks here; none names a colour itself.

#include <QColor>
#include <QFont>
#include <QObject>
#include <cstddef>
#include <iterator>

#include "backend/analysis/diagnostic.h"
#include "backend/layers/layer_spec.h"

namespace netwright {

/// One set of colours. `accent` is the only strong colour of the window; a category's colour is only a thin edge.
struct Colours {
  QColor window;   ///< behind panels
  QColor surface;  ///< panels, fields, nodes
  QColor raised;   ///< hovered rows, headers
  QColor canvas;
  QColor grid;
  QColor outline;  ///< hairlines and borders
  QColor text;
  QColor muted;  ///< secondary text
  QColor faint;  ///< placeholder text, disabled
  QColor accent;
  QColor on_accent;  ///< text on accent
  QColor selection;  ///< a translucent accent
  QColor wire;
  QColor error;
  QColor warning;
  QColor advice;
  QColor success;
  QColor series[10];  ///< chart series and classes, distinguishable without colour vision; see series_colour()
};

enum class Appearance { System, Light, Dark };

class Theme : public QObject {
  Q_OBJECT

 public:
  /// The one theme of the program.
  static Theme& instance();

  /// Sets palette, style sheet and fonts of the application; System follows the desktop.
  void set_appearance(Appearance appearance);
  /// Looks again whether the desktop is light or dark (Qt before 6.5 only says so to windows).
  void follow_desktop();
  Appearance appearance() const { return appearance_; }
  bool is_dark() const { return is_dark_; }

  const Colours& colours() const { return colours_; }
  QColor category(Category category) const;
  QColor severity(Severity severity) const;

  /// Body text in points; headings and captions derive from it.
  QFont body() const;
  QFont caption() const;        ///< one step smaller
  QFont heading() const;        ///< semi-bold, one step larger
  QFont figures() const;        ///< body with tabular figures, for counts and shapes
  QFont small_figures() const;  ///< figures in the size of captions
  QFont code() const;

 signals:
  void changed();

 private:
  Theme();
  void apply();

  Appearance appearance_ = Appearance::System;
  bool is_dark_ = false;
  Colours colours_;
};

/// Shorthand for the current colours.
inline const Colours& colours() {
  return Theme::instance().colours();
}

/// Of the series or class with this number, from 0; from the eleventh on they come again.
inline QColor series_colour(std::size_t index) {
  return colours().series[index % std::size(colours().series)];
}

/// Of a line of captions, in whole pixels.
double caption_height();

}  // namespace netwright
