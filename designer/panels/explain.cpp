#include "designer/panels/explain.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include "backend/analysis/analyse.h"
#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"
#include "designer/panels/number_steps.h"
#include "designer/panels/section.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

QString html(const std::string& text) {
  return QString::fromStdString(text).toHtmlEscaped();
}

QString in_colour(const QString& text, const QColor& colour) {
  return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(colour.name(), text);
}

/// The result, behind the last `=`, is what the eye looks for.
QString with_bold_result(const std::string& numbers) {
  const QString text = html(numbers);
  const qsizetype equals = text.lastIndexOf(QLatin1String("= "));
  if (equals < 0) {
    return text;
  }
  return text.left(equals + 2) + QStringLiteral("<b>") + text.mid(equals + 2) + QStringLiteral("</b>");
}

QString formulas_html(const std::vector<FormulaLine>& lines) {
  QString text;
  for (const FormulaLine& line : lines) {
    text += QStringLiteral("<p style=\"margin:0 0 7px 0\">");
    if (!line.symbols.empty()) {
      text += in_colour(html(line.symbols), colours().muted);
    }
    if (!line.numbers.empty() && line.numbers != line.symbols) {
      text += (line.symbols.empty() ? QString() : QStringLiteral("<br>")) + with_bold_result(line.numbers);
    }
    text += QStringLiteral("</p>");
  }
  return text;
}

QString settings_html(const std::vector<SettingSpec>& specs, const Settings& settings) {
  QString text;
  for (const SettingSpec& setting : specs) {
    const Value* value = settings.find(setting.name);
    const Value& shown = value != nullptr ? *value : setting.fallback;
    const auto* real = std::get_if<double>(&shown);
    text += QStringLiteral("<p style=\"margin:0 0 5px 0\">%1&nbsp; <b>%2</b><br>%3</p>")
                .arg(html(setting.name), real != nullptr ? number_text(*real) : html(to_text(shown)),
                     in_colour(html(setting.help), colours().muted));
  }
  return text;
}

}  // namespace

Explain::Explain(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("explain"));
  auto* page = new QWidget;
  words_ = new QLabel(page);
  words_->setObjectName(QStringLiteral("explain.words"));
  words_->setProperty("role", "muted");
  words_->setWordWrap(true);
  formulas_title_ = section_title(tr("How the figures come about"), page);
  formulas_ = new QLabel(page);
  formulas_->setObjectName(QStringLiteral("explain.formulas"));
  settings_title_ = section_title(tr("What the settings do"), page);
  settings_ = new QLabel(page);
  settings_->setObjectName(QStringLiteral("explain.settings"));
  for (QLabel* label : {formulas_, settings_}) {
    label->setWordWrap(true);
    label->setTextFormat(Qt::RichText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(panel_margin, panel_margin - 4, panel_margin, panel_margin);
  column->setSpacing(6);
  column->addWidget(words_);
  column->addWidget(formulas_title_);
  column->addWidget(formulas_);
  column->addWidget(settings_title_);
  column->addWidget(settings_);
  column->addStretch(1);
  formulas_title_->setContentsMargins(0, 0, 0, 0);

  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(scrolling(page, this));

  connect(&document_, &Document::analysed, this, &Explain::refresh);
  connect(&document_, &Document::replaced, this, [this] { show_layer({}, {}); });
  connect(&Theme::instance(), &Theme::changed, this, &Explain::refresh);
  refresh();
}

void Explain::show_layer(NetworkId network, LayerId layer) {
  network_ = network;
  layer_ = layer;
  refresh();
}

void Explain::refresh() {
  const Network* network = document_.project().find(network_);
  const Layer* layer = network != nullptr ? network->find(layer_) : nullptr;
  const LayerSpec* spec = layer != nullptr ? find_layer_spec(layer->type) : nullptr;
  QString words;
  QString formulas;
  QString settings;
  if (layer == nullptr) {
    words = tr("Select a layer to see how its shape and its figures come about.");
  } else if (spec == nullptr) {
    words = tr("This version doesn't know the type %1.").arg(QString::fromStdString(layer->type));
  } else {
    const std::vector<SettingSpec> specs = settings_of(document_.project(), *layer);
    Settings chosen = completed(specs, layer->settings);
    if (const Network* within = is_block(*layer) ? network_of_block(document_.project(), *layer) : nullptr) {
      chosen.set("network", within->name);
    }
    settings = settings_html(specs, chosen);
    const NetworkReport* report = document_.report().find(network_);
    const auto known = report != nullptr ? known_layer(*network, *report, layer_) : std::nullopt;
    if (!known || !known->report->is_valid) {
      words = tr("What reaches %1 isn't known or doesn't fit yet, so nothing can be worked out.")
                  .arg(QString::fromStdString(layer->name));
    } else if (spec->formula != nullptr) {
      formulas = formulas_html(spec->formula(known->view(), known->report->outputs));
    }
    if (words.isEmpty() && formulas.isEmpty() && settings.isEmpty()) {
      words = tr("%1 keeps the shape and has no weights.").arg(QString::fromStdString(layer->type));
    }
  }
  show_part(words_, nullptr, words);
  show_part(formulas_, formulas_title_, formulas);
  show_part(settings_, settings_title_, settings);
}

void Explain::show_part(QLabel* label, QLabel* title, const QString& text) {
  label->setFont(Theme::instance().body());
  if (label->text() != text) {
    label->setText(text);
  }
  label->setVisible(!text.isEmpty());
  if (title != nullptr) {
    title->setVisible(!text.isEmpty());
  }
}

}  // namespace netwright
