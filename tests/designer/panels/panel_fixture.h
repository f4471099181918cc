#pragma once
// A document with a small network, and ways to reach a panel's widgets by name.

#include <QLabel>
#include <QLineEdit>
#include <QTest>

#include "backend/graph/gestures.h"
#include "designer/document/document.h"
#include "designer/panels/number_spin.h"
#include "designer/theme/theme.h"

namespace netwright {

/// Input (1×28×28) → Conv2d → ReLU → Output, nothing to undo.
struct SmallNetwork {
  Document document;
  NetworkId network;
  LayerId input;
  LayerId conv;
  LayerId relu;
  LayerId output;

  SmallNetwork() {
    Theme::instance().set_appearance(Appearance::Light);
    network = document.project().networks.front().id;
    input = add("Input", {{"shape", Integers{1, 28, 28}}});
    conv = add("Conv2d", {});
    relu = add("ReLU", {});
    output = add("Output", {});
    join(input, conv);
    join(conv, relu);
    join(relu, output);
    document.undo_stack().clear();
  }

  LayerId add(const std::string& type, const Settings& settings) {
    const Layer made = make_layer(*document.project().find(network), type, {}, settings);
    if (!document.edit(QStringLiteral("Add"), {AddLayer{network, made}})) {
      qFatal("can't add %s", type.c_str());
    }
    return made.id;
  }
  void join(LayerId from, LayerId to) {
    if (!document.edit(QStringLiteral("Connect"), {Connect{network, {{from, 0}, {to, 0}}}})) {
      qFatal("can't connect");
    }
  }
  const Layer& layer(LayerId id) const { return *document.project().find(network)->find(id); }
};

template <class Widget>
Widget* part(const QWidget& panel, const char* name) {
  auto* found = panel.findChild<Widget*>(QString::fromLatin1(name));
  if (found == nullptr) {
    qFatal("no widget %s", name);
  }
  return found;
}

inline void retype(QLineEdit* edit, const QString& text) {
  edit->setFocus();
  edit->selectAll();
  QTest::keyClicks(edit->focusProxy() != nullptr ? edit->focusProxy() : edit, text);
}

inline void retype_spin(const QWidget& panel, const char* spin, const QString& text) {
  retype(part<NumberSpin>(panel, spin)->findChild<QLineEdit*>(), text);
}

}  // namespace netwright
