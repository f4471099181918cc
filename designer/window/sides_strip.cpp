#include "designer/window/sides_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include "backend/graph/task_networks.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int icon_size = 16;

/// A side's button, named and enabled where there is such a network.
void show_side(QToolButton& button, const Project& project, const std::string& name) {
  const Network* network = project.find(std::string_view(name));
  button.setText(QString::fromStdString(name));
  button.setEnabled(network != nullptr);
  button.setProperty("network", QVariant::fromValue<qlonglong>(network ? network->id.value : 0));
  button.setToolTip(network ? SidesStrip::tr("Show %1").arg(button.text())
                            : SidesStrip::tr("There is no network %1").arg(button.text()));
}

QString shape_of(const NetworkReport* report, bool is_output) {
  if (!report) return QStringLiteral("?");
  return QString::fromStdString((is_output ? report->output : report->input).to_string());
}

/// The first mistake that keeps the sides apart.
QString mistake_of(const Report& report, const Network* generator, const Network* discriminator) {
  for (const Diagnostic& diagnostic : report.diagnostics) {
    const bool concerns = (generator && diagnostic.network == generator->id) ||
                          (discriminator && diagnostic.network == discriminator->id) || !diagnostic.network;
    if (diagnostic.severity == Severity::Error && concerns) return QString::fromStdString(diagnostic.message);
  }
  return {};
}

}  // namespace

SidesStrip::SidesStrip(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      generator_(new QToolButton),
      discriminator_(new QToolButton),
      latent_(new QLabel),
      link_(new QLabel),
      made_(new QLabel),
      taken_(new QLabel),
      score_(new QLabel),
      words_(new QLabel) {
  setObjectName(QStringLiteral("sides"));
  setProperty("panel", true);
  generator_->setObjectName(QStringLiteral("sides.generator"));
  discriminator_->setObjectName(QStringLiteral("sides.discriminator"));
  link_->setObjectName(QStringLiteral("sides.link"));
  words_->setObjectName(QStringLiteral("sides.words"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 3, 10, 3);
  layout->setSpacing(6);
  const auto arrow = [&] {
    auto* label = new QLabel(QStringLiteral("→"));
    label->setProperty("role", "muted");
    layout->addWidget(label);
  };
  layout->addWidget(latent_);
  arrow();
  layout->addWidget(generator_);
  arrow();
  layout->addWidget(made_);
  layout->addWidget(link_);
  layout->addWidget(taken_);
  arrow();
  layout->addWidget(discriminator_);
  arrow();
  layout->addWidget(score_);
  layout->addSpacing(12);
  layout->addWidget(words_, 1);
  words_->setTextFormat(Qt::PlainText);
  words_->setMinimumWidth(40);
  for (QToolButton* side : {generator_, discriminator_}) {
    side->setAutoRaise(true);
    connect(side, &QToolButton::clicked, this,
            [this, side] { emit network_requested({side->property("network").toLongLong()}); });
  }
  connect(&document_, &Document::analysed, this, &SidesStrip::refresh);
  connect(&document_, &Document::replaced, this, &SidesStrip::refresh);
  connect(&Theme::instance(), &Theme::changed, this, &SidesStrip::refresh);
  refresh();
}

void SidesStrip::refresh() {
  const Project& project = document_.project();
  setVisible(project.recipe.task == "Adversarial");
  if (isHidden()) return;
  const Theme& theme = Theme::instance();
  for (QLabel* shape : {latent_, made_, taken_, score_}) shape->setFont(theme.figures());
  words_->setFont(theme.caption());
  show_side(*generator_, project, generator_name(project.recipe));
  show_side(*discriminator_, project, discriminator_name(project.recipe));
  const Network* generator = project.find(std::string_view(generator_name(project.recipe)));
  const Network* discriminator = project.find(std::string_view(discriminator_name(project.recipe)));
  const Report& report = document_.report();
  const NetworkReport* making = generator ? report.find(generator->id) : nullptr;
  const NetworkReport* judging = discriminator ? report.find(discriminator->id) : nullptr;
  latent_->setText(shape_of(making, false));
  made_->setText(shape_of(making, true));
  taken_->setText(shape_of(judging, false));
  score_->setText(shape_of(judging, true));

  const bool fit = making && judging && making->output == judging->input;
  link_->setPixmap(icon(fit ? QStringLiteral("link") : QStringLiteral("unlink"), fit ? Ink::Success : Ink::Error)
                       .pixmap(icon_size, icon_size));
  link_->setToolTip(fit ? tr("What the generator makes is what the discriminator takes")
                        : tr("What the generator makes isn't what the discriminator takes"));
  const QString mistake = mistake_of(report, generator, discriminator);
  words_->setText(mistake);
  words_->setToolTip(mistake);
  words_->setProperty("role", "error");
}

}  // namespace netwright
