#include "designer/training/sample_views.h"

#include <QBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTabBar>
#include <algorithm>
#include <array>

#include "designer/theme/theme.h"
#include "designer/training/sample_page.h"

namespace netwright {
namespace {

struct Kind {
  const char* name;
  const char* title;
};

/// In the order of the tabs.
constexpr std::array<Kind, 7> all_kinds = {
    {{"wall", QT_TRANSLATE_NOOP("netwright::SampleViews", "Samples")},
     {"reconstructions", QT_TRANSLATE_NOOP("netwright::SampleViews", "Reconstructions")},
     {"code", QT_TRANSLATE_NOOP("netwright::SampleViews", "Code map")},
     {"masks", QT_TRANSLATE_NOOP("netwright::SampleViews", "Masks")},
     {"forecast", QT_TRANSLATE_NOOP("netwright::SampleViews", "Forecasts")},
     {"attention", QT_TRANSLATE_NOOP("netwright::SampleViews", "Attention")},
     {"points", QT_TRANSLATE_NOOP("netwright::SampleViews", "Points")}}};

std::size_t order_of(const std::string& kind) {
  const auto found =
      std::find_if(all_kinds.begin(), all_kinds.end(), [&](const Kind& entry) { return kind == entry.name; });
  return static_cast<std::size_t>(found - all_kinds.begin());
}

}  // namespace

SampleViews::SampleViews(QWidget* parent)
    : QWidget(parent), kinds_(new QTabBar), stack_(new QStackedWidget), invitation_(new QLabel) {
  setObjectName(QStringLiteral("samples"));
  kinds_->setObjectName(QStringLiteral("samples.kinds"));
  kinds_->setDocumentMode(true);
  kinds_->setExpanding(false);
  kinds_->setUsesScrollButtons(true);
  kinds_->setDrawBase(false);
  invitation_->setObjectName(QStringLiteral("samples.invitation"));
  invitation_->setAlignment(Qt::AlignCenter);
  invitation_->setWordWrap(true);
  invitation_->setProperty("role", "muted");
  invitation_->setMargin(20);
  stack_->addWidget(invitation_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(kinds_);
  layout->addWidget(stack_, 1);
  connect(kinds_, &QTabBar::currentChanged, this, [this](int index) {
    if (index >= 0) stack_->setCurrentWidget(pages_.at(kinds_->tabData(index).toString().toStdString()));
  });
  clear(false);
}

SampleViews::~SampleViews() = default;

bool SampleViews::is_empty() const {
  return pages_.empty();
}

void SampleViews::clear(bool is_live) {
  const QSignalBlocker quiet(kinds_);
  while (kinds_->count() > 0) kinds_->removeTab(0);
  for (const auto& [kind, page] : pages_) delete page;
  pages_.clear();
  kinds_->hide();
  stack_->setCurrentWidget(invitation_);
  invitation_->setText(is_live ? tr("After the first epoch, this shows what the network makes of its samples.")
                               : tr("This run kept no samples."));
}

SamplePage* SampleViews::page_of(const std::string& kind) {
  if (const auto found = pages_.find(kind); found != pages_.end()) return found->second;
  auto* page = new SamplePage(kind);
  pages_[kind] = page;
  stack_->addWidget(page);
  const std::size_t order = order_of(kind);
  int index = 0;
  while (index < kinds_->count() && order_of(kinds_->tabData(index).toString().toStdString()) < order) ++index;
  const bool is_first = kinds_->count() == 0;
  {
    const QSignalBlocker quiet(kinds_);
    kinds_->insertTab(index, tr(all_kinds[order].title));
    kinds_->setTabData(index, QString::fromStdString(kind));
  }
  if (is_first) stack_->setCurrentWidget(page);
  kinds_->setVisible(kinds_->count() > 1);
  return page;
}

void SampleViews::show_samples(const QString& run_folder, const std::vector<SampleEvent>& events, bool is_live) {
  std::map<std::string, std::vector<SampleEvent>> by_kind;
  for (const SampleEvent& event : events) {
    if (is_known_kind(event.kind)) by_kind[event.kind].push_back(event);
  }
  const bool has_all_kinds =
      std::all_of(pages_.begin(), pages_.end(), [&](const auto& page) { return by_kind.contains(page.first); });
  // The kind that was looked at stays chosen where another run has it too.
  if (by_kind.empty() || !has_all_kinds) clear(is_live);
  for (const Kind& kind : all_kinds) {
    if (const auto found = by_kind.find(kind.name); found != by_kind.end()) {
      page_of(kind.name)->show_samples(run_folder, std::move(found->second));
    }
  }
}

}  // namespace netwright
