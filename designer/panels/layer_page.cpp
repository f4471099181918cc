#include "designer/panels/layer_page.h"

#include <QCheckBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/graph/blocks.h"
#include "backend/graph/recipe_specs.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/layer_kind.h"
#include "designer/panels/figure_grid.h"
#include "designer/panels/figure_text.h"
#include "designer/panels/quiet_combo.h"
#include "designer/panels/section.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

const SettingSpec& initialisation_spec() {
  return *find_spec(recipe_specs(), "initialisation");
}

/// Of a Block: the id of the network it stands for.
constexpr char network_setting[] = "network";

const ExposedSetting* find_exposed(const Network& network, LayerId layer, const std::string& setting) {
  const auto found = std::find_if(network.exposed.begin(), network.exposed.end(), [&](const ExposedSetting& exposed) {
    return exposed.layer == layer && exposed.setting == setting;
  });
  return found == network.exposed.end() ? nullptr : &*found;
}

}  // namespace

LayerPage::LayerPage(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  name_ = new QLineEdit(this);
  name_->setObjectName(QStringLiteral("inspector.name"));
  name_->setAccessibleName(tr("Layer's name"));
  name_->setToolTip(tr("The layer's name: its module's name in PyTorch and in weight files"));
  name_->installEventFilter(this);
  name_complaint_ = new QLabel(this);
  name_complaint_->setObjectName(QStringLiteral("inspector.name_complaint"));
  name_complaint_->setProperty("role", "error");
  name_complaint_->setWordWrap(true);
  name_complaint_->hide();
  edge_ = new QFrame(this);
  edge_->setFixedWidth(3);
  edge_->setAutoFillBackground(true);
  type_ = new QLabel(this);
  type_->setObjectName(QStringLiteral("inspector.type"));
  summary_ = new QLabel(this);
  summary_->setObjectName(QStringLiteral("inspector.summary"));
  summary_->setProperty("role", "muted");
  summary_->setWordWrap(true);
  form_ = new SettingsForm(this);
  form_->setObjectName(QStringLiteral("inspector.form"));
  open_ = new QPushButton(tr("Open the network"), this);
  open_->setObjectName(QStringLiteral("inspector.open_network"));
  open_->setToolTip(tr("Show what this block holds; a double click on it does the same"));
  trainable_ = new QCheckBox(tr("Trainable"), this);
  trainable_->setObjectName(QStringLiteral("inspector.trainable"));
  trainable_->setToolTip(tr("Off: the weights stay as they are while the rest is trained (frozen)"));
  initialisation_row_ = new QWidget(this);
  initialisation_ = new QuietCombo(initialisation_row_);
  initialisation_->setObjectName(QStringLiteral("inspector.initialisation"));
  initialisation_->setToolTip(tr("How this layer's weights begin, as torch.nn.init has it"));
  initialisation_->addItem(QString(), QString());
  for (const std::string& choice : initialisation_spec().choices) {
    initialisation_->addItem(QString::fromStdString(choice), QString::fromStdString(choice));
  }
  auto* initialisation_name = new QLabel(tr("Initialisation"), initialisation_row_);
  initialisation_name->setProperty("role", "muted");
  initialisation_name->setBuddy(initialisation_);
  auto* initialisation_line = new QHBoxLayout(initialisation_row_);
  initialisation_line->setContentsMargins(0, 0, 0, 0);
  initialisation_line->setSpacing(10);
  initialisation_line->addWidget(initialisation_name);
  initialisation_line->addWidget(initialisation_, 1);
  figures_ = new FigureGrid(this);
  figures_->setObjectName(QStringLiteral("inspector.figures"));

  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(type_);
  words->addWidget(summary_);
  auto* head = new QHBoxLayout;
  head->setSpacing(9);
  head->addWidget(edge_);
  head->addLayout(words, 1);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(panel_margin, panel_margin, panel_margin, panel_margin);
  column->setSpacing(8);
  column->addLayout(head);
  column->addSpacing(2);
  column->addWidget(name_);
  column->addWidget(name_complaint_);
  column->addWidget(section_title(tr("Settings"), this));
  column->addWidget(form_);
  column->addWidget(open_, 0, Qt::AlignLeft);
  column->addWidget(trainable_);
  column->addWidget(initialisation_row_);
  column->addWidget(section_title(tr("Figures"), this));
  column->addWidget(figures_);
  column->addStretch(1);

  connect(name_, &QLineEdit::textEdited, this, &LayerPage::rename);
  connect(name_, &QLineEdit::editingFinished, this, [this] { rename_gesture_.clear(); });
  connect(form_, &SettingsForm::setting_changed, this, &LayerPage::change);
  connect(form_, &SettingsForm::menu_opening, this,
          [this](const QString& setting, QMenu* menu) { offer_exposing(setting, *menu); });
  connect(open_, &QPushButton::clicked, this, [this] {
    const Layer* shown = layer();
    if (const Network* within = shown != nullptr ? network_of_block(document_.project(), *shown) : nullptr) {
      emit network_requested(within->id);
    }
  });
  connect(trainable_, &QCheckBox::clicked, this, [this](bool checked) {
    if (const Layer* shown = layer()) {
      const QString name = QString::fromStdString(shown->name);
      (void)document_.edit(checked ? tr("Train %1").arg(name) : tr("Freeze %1").arg(name),
                           {SetTrainable{network_, layer_, checked}});
    }
  });
  connect(initialisation_, &QComboBox::activated, this, &LayerPage::choose_initialisation);
  connect(&Theme::instance(), &Theme::changed, this, &LayerPage::restyle);
  restyle();
}

void LayerPage::show_layer(NetworkId network, LayerId layer) {
  const bool is_other = network != network_ || layer != layer_;
  network_ = network;
  layer_ = layer;
  const Layer* shown = this->layer();
  if (shown == nullptr) {
    return;
  }
  if (is_other) {
    rename_gesture_.clear();
    name_complaint_->hide();
    name_->setText(QString::fromStdString(shown->name));
    form_->restore();
  }
  show_name(*shown);
  show_settings(*shown);
  show_figures(*shown);
}

void LayerPage::focus_name() {
  name_->setFocus(Qt::OtherFocusReason);
  name_->selectAll();
}

bool LayerPage::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride) {
    // Renaming is live: undo means the document's.
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
      event->ignore();
      return true;
    }
  }
  const bool is_escape = event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape;
  if (const Layer* shown = layer(); shown != nullptr && is_escape && name_complaint_->isVisible()) {
    name_complaint_->hide();
    name_->setText(QString::fromStdString(shown->name));
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

const Layer* LayerPage::layer() const {
  const Network* network = document_.project().find(network_);
  return network != nullptr ? network->find(layer_) : nullptr;
}

void LayerPage::show_name(const Layer& layer) {
  const QString name = QString::fromStdString(layer.name);
  // While a name that can't be one is being typed, the field is the user's.
  if (name_->text() != name && !name_complaint_->isVisible()) {
    name_->setText(name);
  }
  const LayerSpec* spec = find_layer_spec(layer.type);
  const Network* within = is_block(layer) ? network_of_block(document_.project(), layer) : nullptr;
  type_->setText(within != nullptr ? tr("Block of %1").arg(QString::fromStdString(within->name))
                                   : QString::fromStdString(layer.type));
  summary_->setText(spec != nullptr ? QString::fromStdString(spec->summary)
                                    : tr("This version doesn't know this type."));
  QPalette palette = edge_->palette();
  palette.setColor(QPalette::Window, spec != nullptr ? Theme::instance().category(spec->category) : colours().error);
  edge_->setPalette(palette);
}

void LayerPage::show_settings(const Layer& layer) {
  const std::vector<SettingSpec> specs = shown_specs(layer);
  Settings settings = completed(settings_of(document_.project(), layer), layer.settings);
  const Network* within = is_block(layer) ? network_of_block(document_.project(), layer) : nullptr;
  if (is_block(layer)) {
    settings.set(network_setting, within != nullptr ? within->name : std::string());
  }
  form_->show_settings(specs, settings);
  form_->setVisible(!specs.empty());
  open_->setVisible(within != nullptr);
  form_->clear_remarks();
  for (const Diagnostic& diagnostic : document_.report().diagnostics) {
    if (diagnostic.network == network_ && diagnostic.layer == layer_ && !diagnostic.setting.empty() &&
        diagnostic.severity == Severity::Error) {
      form_->set_remark(QString::fromStdString(diagnostic.setting), QString::fromStdString(diagnostic.message));
    }
  }
  const Network& network = *document_.project().find(network_);
  for (const SettingSpec& spec : specs) {
    const ExposedSetting* exposed = find_exposed(network, layer_, spec.name);
    form_->set_mark(QString::fromStdString(spec.name),
                    exposed != nullptr
                        ? tr("Chosen by each block of this network, as %1.").arg(QString::fromStdString(exposed->name))
                        : QString());
  }
}

std::vector<SettingSpec> LayerPage::shown_specs(const Layer& layer) const {
  std::vector<SettingSpec> specs = settings_of(document_.project(), layer);
  if (!is_block(layer)) {
    return specs;
  }
  // Which network it is, is chosen by name.
  for (SettingSpec& spec : specs) {
    if (spec.name != network_setting) {
      continue;
    }
    spec.kind = SettingKind::Choice;
    for (const LayerKind& kind : blocks_for(document_.project(), network_)) {
      spec.choices.push_back(kind.title(document_.project()));
    }
    const Network* within = network_of_block(document_.project(), layer);
    const std::string chosen = within != nullptr ? within->name : std::string();
    if (std::find(spec.choices.begin(), spec.choices.end(), chosen) == spec.choices.end()) {
      spec.choices.insert(spec.choices.begin(), chosen);
    }
    spec.fallback = spec.choices.front();
  }
  return specs;
}

void LayerPage::change(const QString& setting, const Value& value, const QString& gesture) {
  const Layer* shown = layer();
  if (shown == nullptr) {
    return;
  }
  const std::string name = setting.toStdString();
  const LayerSpec* spec = find_layer_spec(shown->type);
  Edit edit = SetSetting{network_, layer_, name, value};
  if (is_block(*shown) && name == network_setting) {
    const Network* chosen = document_.project().find(std::string_view(std::get<std::string>(value)));
    edit = SetSetting{network_, layer_, name, chosen != nullptr ? chosen->id.value : std::int64_t{0}};
  } else if (spec != nullptr && find_spec(spec->settings, name) == nullptr) {
    // An exposed setting that is as within isn't chosen here: it goes on following the network.
    const std::vector<SettingSpec> specs = settings_of(document_.project(), *shown);
    const SettingSpec* exposed = find_spec(specs, name);
    if (exposed != nullptr && exposed->fallback == value) {
      edit = ClearSetting{network_, layer_, name};
    }
  }
  const auto done =
      document_.edit(tr("Set %1 of %2").arg(setting, QString::fromStdString(shown->name)), {edit}, gesture);
  if (!done) {
    form_->set_remark(setting, QString::fromStdString(done.error().message));
  }
}

void LayerPage::offer_exposing(const QString& setting, QMenu& menu) {
  const Network* network = document_.project().find(network_);
  const Layer* shown = layer();
  const bool is_own = shown != nullptr && is_block(*shown) &&
                      (setting == QLatin1String(network_setting) || setting == QLatin1String("repeat"));
  if (network == nullptr || is_own) {
    return;
  }
  menu.addSeparator();
  if (find_exposed(*network, layer_, setting.toStdString()) == nullptr) {
    menu.addAction(tr("Expose in block…"), this, [this, setting] { expose(setting); });
    return;
  }
  menu.addAction(tr("Don't expose in block"), this, [this, setting] {
    std::vector<ExposedSetting> exposed = document_.project().find(network_)->exposed;
    std::erase_if(exposed,
                  [&](const ExposedSetting& e) { return e.layer == layer_ && e.setting == setting.toStdString(); });
    set_exposed(tr("Don't expose %1").arg(setting), exposed);
  });
}

void LayerPage::expose(const QString& setting) {
  QString name = setting;
  QString words = tr("Each block of this network chooses it, as the setting:");
  const QString question = words;
  for (;;) {
    bool is_accepted = false;
    name = QInputDialog::getText(this, tr("Expose in block"), words, QLineEdit::Normal, name, &is_accepted).trimmed();
    const Network* network = document_.project().find(network_);
    if (!is_accepted || network == nullptr) {
      return;
    }
    QString complaint = QString::fromStdString(name_complaint(name.toStdString()));
    const LayerSpec* block = find_layer_spec(block_type);
    if (complaint.isEmpty() && block != nullptr && find_spec(block->settings, name.toStdString()) != nullptr) {
      complaint = tr("Every block has a setting %1 of its own.").arg(name);
    }
    if (complaint.isEmpty()) {
      std::vector<ExposedSetting> exposed = network->exposed;
      exposed.push_back({name.toStdString(), layer_, setting.toStdString()});
      set_exposed(tr("Expose %1").arg(setting), exposed);
      return;
    }
    words = complaint + QStringLiteral("\n\n") + question;
  }
}

void LayerPage::set_exposed(const QString& text, const std::vector<ExposedSetting>& exposed) {
  (void)document_.edit(text, {SetExposed{network_, exposed}});
}

void LayerPage::show_figures(const Layer& layer) {
  const LayerReport* report = document_.report().find(network_, layer_);
  show_weights(layer, report);
  if (report == nullptr) {
    figures_->show_figures({{tr("Output"), QStringLiteral("–"), {}}});
    return;
  }
  std::vector<Figure> figures;
  if (!report->inputs.empty()) {
    figures.push_back({report->inputs.size() > 1 ? tr("Inputs") : tr("Input"), shapes_text(report->inputs), {}});
  }
  figures.push_back({tr("Output"), shapes_text(report->outputs), {}});
  figures.push_back({tr("Parameters"), count_text(report->parameters), {}});
  for (const Weight& weight : report->weights) {
    figures.push_back({QString::fromStdString(weight.name), QString::fromStdString(weight.shape.to_string()),
                       weight.is_buffer ? tr("Kept, not learned") : QString(), true});
  }
  figures.push_back({tr("Multiply-adds"), short_count_text(report->macs), exact_text(report->macs)});
  figures.push_back({tr("Output memory"), memory_text(report->output_bytes), exact_text(report->output_bytes)});
  figures.push_back({tr("Receptive field"), field_text(report->field), field_details(report->field)});
  figures_->show_figures(figures);
}

void LayerPage::show_weights(const Layer& layer, const LayerReport* report) {
  const auto has = [report](auto counts) {
    return report != nullptr && std::any_of(report->weights.begin(), report->weights.end(), counts);
  };
  trainable_->setVisible(has([](const Weight& weight) { return !weight.is_buffer; }));
  trainable_->setChecked(layer.trainable);
  // Of matrices and filters alone: biases begin at 0, and normalisation layers as PyTorch has it.
  const bool can_begin = has([](const Weight& weight) { return !weight.is_buffer && weight.shape.rank() > 1; });
  initialisation_row_->setVisible(can_begin && !is_block(layer));
  const Settings recipe = completed(recipe_specs(), document_.project().recipe.settings);
  initialisation_->setItemText(0, tr("as the recipe (%1)").arg(QString::fromStdString(recipe.text("initialisation"))));
  initialisation_->setCurrentIndex(initialisation_->findData(QString::fromStdString(layer.initialisation)));
}

void LayerPage::choose_initialisation(int index) {
  const Layer* shown = layer();
  const QString chosen = initialisation_->itemData(index).toString();
  if (shown == nullptr || chosen.toStdString() == shown->initialisation) {
    return;
  }
  (void)document_.edit(tr("Initialisation of %1").arg(QString::fromStdString(shown->name)),
                       {SetInitialisation{network_, layer_, chosen.toStdString()}});
}

void LayerPage::rename(const QString& name) {
  const Layer* shown = layer();
  const Network* network = document_.project().find(network_);
  if (shown == nullptr || network == nullptr) {
    return;
  }
  QString complaint = QString::fromStdString(name_complaint(name.toStdString()));
  const Layer* other = network->find(std::string_view(name.toStdString()));
  if (complaint.isEmpty() && other != nullptr && other->id != layer_) {
    complaint = tr("Another layer is called %1. Names must differ.").arg(name);
  }
  if (complaint.isEmpty()) {
    if (rename_gesture_.isEmpty()) {
      rename_gesture_ = new_merge_key();
    }
    const auto done = document_.edit(tr("Rename %1").arg(QString::fromStdString(shown->name)),
                                     {RenameLayer{network_, layer_, name.toStdString()}}, rename_gesture_);
    complaint = done ? QString() : QString::fromStdString(done.error().message);
  }
  name_complaint_->setText(complaint);
  name_complaint_->setVisible(!complaint.isEmpty());
  name_->setProperty("wrong", !complaint.isEmpty());
  name_->style()->unpolish(name_);
  name_->style()->polish(name_);
}

void LayerPage::restyle() {
  const Theme& theme = Theme::instance();
  type_->setFont(theme.heading());
  summary_->setFont(theme.caption());
  name_complaint_->setFont(theme.caption());
  if (const Layer* shown = layer()) {
    show_name(*shown);
    show_figures(*shown);
  }
}

}  // namespace netwright
