#include "backend/engine/adversarial_alarms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "backend/core/json_number.h"

namespace netwright {

namespace {

std::optional<double> find(const FigureValues& figures, std::string_view name) {
  const auto it = figures.find(name);
  return it == figures.end() ? std::nullopt : std::optional(it->second);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

AdversarialAlarms::AdversarialAlarms(const std::string& loss, double real_label)
    : is_critic_(loss == "wasserstein_gp"),
      real_label_(loss == "non_saturating" || loss == "least_squares" ? real_label : 1) {}

AdversarialAlarms::Verdict AdversarialAlarms::collapse(int epoch, const FigureValues& figures) {
  constexpr int first_epoch = 3;  // a generator that has hardly begun gives grey everywhere
  const std::optional<double> diversity = find(figures, "diversity");
  if (!diversity) return {State::Between};
  // Noise of an untrained generator may differ more than real samples do.
  best_diversity_ = std::max(best_diversity_, std::min(*diversity, 1.0));
  const bool has_fallen = best_diversity_ >= 0.3 && *diversity < 0.4 * best_diversity_;
  const bool is_low = epoch >= first_epoch && *diversity < 0.2;
  if (has_fallen || is_low) {
    return {
        State::Due,
        fmt::format("Mode collapse: generated samples differ {:.0f} % as much as real ones{}, so the generator makes "
                    "few different ones. Try a lower learning rate for the generator, more discriminator_steps, "
                    "the loss wasserstein_gp, or the weights of an earlier epoch.",
                    100 * *diversity,
                    has_fallen ? fmt::format(" (it was {:.0f} %)", 100 * best_diversity_) : std::string())};
  }
  return {*diversity >= 0.3 && *diversity >= 0.5 * best_diversity_ ? State::Over : State::Between};
}

AdversarialAlarms::Verdict AdversarialAlarms::imbalance(const FigureValues& figures) const {
  const std::optional<double> real = find(figures, "d_real");
  const std::optional<double> fake = find(figures, "d_fake");
  if (is_critic_ || !real || !fake) return {};
  const std::string verdicts = fmt::format("D(real) is {:.3f} and D(fake) {:.3f}", *real, *fake);
  if (*real > 0.98 * real_label_ && *fake < 0.02) {
    return {State::Due, "The discriminator wins: " + verdicts +
                            ", so the generator learns hardly anything from it. Try a lower learning rate for the "
                            "discriminator, a real_label of 0.9, some instance_noise (0.1), Dropout in the "
                            "discriminator, or the loss wasserstein_gp."};
  }
  if (*fake > 0.95 || (*real < 0.05 && *fake > *real)) {
    return {State::Due, "The discriminator is fooled by everything: " + verdicts +
                            ", so it says nothing of what is real. Try a higher learning rate for the discriminator, "
                            "more discriminator_steps, or a larger discriminator."};
  }
  const bool is_open = (*real < 0.95 * real_label_ || *fake > 0.05) && *fake < 0.9 && *real > 0.1;
  return {is_open ? State::Over : State::Between};
}

AdversarialAlarms::Verdict AdversarialAlarms::divergence(const FigureValues& figures) {
  struct Watched {
    const char* name;
    const char* words;
    double times;  // the median of the epochs before
    double least;  // below it nothing is alarming
  };
  // A critic's scores have no scale of their own.
  const double least_loss = is_critic_ ? 200 : 20;
  const std::array watched = {Watched{"g_loss", "the generator's loss", 10, least_loss},
                              Watched{"d_loss", "the discriminator's loss", 10, least_loss},
                              Watched{"g_gradient", "the generator's gradient", 100, 10},
                              Watched{"d_gradient", "the discriminator's gradient", 100, 10}};
  constexpr std::size_t needed = 3;
  Verdict verdict;
  for (const Watched& one : watched) {
    const std::optional<double> now = find(figures, one.name);
    if (!now) continue;
    std::vector<double>& before = history_[one.name];
    const double size = std::isfinite(*now) ? std::abs(*now) : HUGE_VAL;
    if (before.size() >= needed) {
      const double usual = median(before);
      if (size > std::max(one.least, one.times * usual)) {
        return {State::Due,
                fmt::format("Training diverges: {} is {:.3g}, and was {:.3g} in the epochs before. Try lower learning "
                            "rates, clip_norm 1, or betas of 0.5 and 0.999 for Adam.",
                            one.words, *now, usual)};
      }
      if (size > std::max(one.least, one.times * usual) / 2) verdict.state = State::Between;
    }
    // What is alarming isn't what is usual.
    before.push_back(size);
  }
  return verdict;
}

std::vector<AlarmEvent> AdversarialAlarms::epoch_done(int epoch, std::int64_t step, const FigureValues& figures) {
  std::vector<AlarmEvent> events;
  const auto follow = [&](const char* kind, const Verdict& verdict, const char* over) {
    bool& is_on = is_on_[kind];
    if (verdict.state == State::Due && !is_on) {
      events.push_back({.kind = kind, .text = verdict.text, .step = step, .epoch = epoch});
    }
    if (verdict.state == State::Over && is_on) {
      events.push_back({.kind = kind, .text = over, .step = step, .epoch = epoch, .is_over = true});
    }
    if (verdict.state != State::Between) is_on = verdict.state == State::Due;
  };
  follow("collapse", collapse(epoch, figures), "Generated samples differ from each other again.");
  follow("imbalance", imbalance(figures), "The two sides are a match for each other again.");
  follow("divergence", divergence(figures), "Losses and gradients are what they were again.");
  return events;
}

std::string AdversarialAlarms::memory() const {
  nlohmann::ordered_json history = nlohmann::ordered_json::object();
  // Sizes may be infinite, which JSON can't hold.
  for (const auto& [name, sizes] : history_) {
    auto& list = history[name] = nlohmann::ordered_json::array();
    for (const double size : sizes) list.push_back(json_number(size));
  }
  return nlohmann::ordered_json{{"best_diversity", best_diversity_}, {"history", history}, {"on", is_on_}}.dump();
}

void AdversarialAlarms::restore(const std::string& memory) {
  const auto json = nlohmann::json::parse(memory, nullptr, false);
  if (!json.is_object() || !json.contains("history") || !json.contains("on")) return;
  best_diversity_ = json.value("best_diversity", 0.0);
  history_.clear();
  for (const auto& [name, sizes] : json["history"].items()) {
    for (const auto& size : sizes) history_[name].push_back(size.is_null() ? HUGE_VAL : size.get<double>());
  }
  is_on_.clear();
  for (const auto& [kind, is_on] : json["on"].items()) is_on_[kind] = is_on.get<bool>();
}

}  // namespace netwright
