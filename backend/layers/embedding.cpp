#include <fmt/format.h>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

std::optional<ShapeProblem> padding_problem(const LayerView& view) {
  const std::int64_t words = view.settings.integer("num_embeddings");
  const std::int64_t padding = view.settings.integer("padding_idx");
  if (padding < words) return std::nullopt;
  return ShapeProblem{.message = "padding_idx is one of the words.",
                      .expected = fmt::format("at most {}", words - 1),
                      .actual = std::to_string(padding),
                      .setting = "padding_idx",
                      .fixes = {{"No padding", ChangeSetting{"padding_idx", std::int64_t{-1}}},
                                {"Pad with word 0", ChangeSetting{"padding_idx", std::int64_t{0}}}}};
}

ShapeResult embedding_shapes(const LayerView& view) {
  if (auto problem = padding_problem(view)) return *problem;
  std::vector<Dim> dims = view.input().dims();
  dims.push_back(view.settings.integer("embedding_dim"));
  return std::vector<Shape>{Shape(std::move(dims))};
}

ShapeResult bag_shapes(const LayerView& view) {
  if (auto problem = padding_problem(view)) return *problem;
  if (view.input().rank() != 1) {
    return ShapeProblem{.message = "EmbeddingBag needs a text: a row of words.",
                        .expected = "T",
                        .actual = view.input().to_string(),
                        .port = 0,
                        .setting = {}};
  }
  return std::vector<Shape>{Shape{view.settings.integer("embedding_dim")}};
}

std::vector<Weight> table(const LayerView& view) {
  return {{"weight", Shape{view.settings.integer("num_embeddings"), view.settings.integer("embedding_dim")}}};
}

void add_padding(NnCall& call, const LayerView& view) {
  const std::int64_t padding = view.settings.integer("padding_idx");
  if (padding >= 0) call.arguments.emplace_back("padding_idx", padding);
}

FormulaLine table_size(const LayerView& view) {
  const std::int64_t words = view.settings.integer("num_embeddings");
  const std::int64_t width = view.settings.integer("embedding_dim");
  const Dim count = checked_multiply(words, width);
  return {"parameters = num_embeddings · embedding_dim",
          fmt::format("parameters = {} · {} = {}", words, width, count ? with_separators(*count) : "?")};
}

std::vector<SettingSpec> table_settings() {
  return {{.name = "num_embeddings",
           .kind = SettingKind::Integer,
           .fallback = std::int64_t{10000},
           .help = "How many different words there are: their numbers run from 0 to one less.",
           .minimum = 1,
           .maximum = 1e9},
          {.name = "embedding_dim",
           .kind = SettingKind::Integer,
           .fallback = std::int64_t{128},
           .help = "How many numbers stand for a word.",
           .minimum = 1,
           .maximum = 1e7},
          {.name = "padding_idx",
           .kind = SettingKind::Integer,
           .fallback = std::int64_t{-1},
           .help = "The word that fills up short texts: it isn't learned. -1 where there is none.",
           .minimum = -1,
           .maximum = 1e9}};
}

std::string table_caption(const Settings& s) {
  return fmt::format("{} words, {}", s.integer("num_embeddings"), s.integer("embedding_dim"));
}

}  // namespace

std::vector<LayerSpec> embedding_family() {
  std::vector<SettingSpec> bag_settings = table_settings();
  bag_settings.insert(bag_settings.begin() + 2,
                      {.name = "mode",
                       .kind = SettingKind::Choice,
                       .fallback = std::string("mean"),
                       .help = "How the words' vectors become one: their mean, their sum or the largest of each value.",
                       .choices = {"mean", "sum", "max"}});
  return {
      {.type = "Embedding",
       .category = Category::Linear,
       .summary = "A learned vector for every word of a vocabulary.",
       .name_stem = "embedding",
       .settings = table_settings(),
       .elements = Elements::Indices,
       .saved = {.input = true},
       .shapes = embedding_shapes,
       .weights = table,
       .window = [](const LayerView& view, std::size_t) { return plain_windows(view); },
       .call =
           [](const LayerView& view) {
             NnCall call{"Embedding",
                         {{"num_embeddings", view.settings.integer("num_embeddings")},
                          {"embedding_dim", view.settings.integer("embedding_dim")}}};
             add_padding(call, view);
             return call;
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{
                 {"yₜ = row xₜ of the table",
                  fmt::format("{} words → {}", view.input().to_string(), outputs[0].to_string())},
                 table_size(view)};
           },
       .samples = {{{{"num_embeddings", std::int64_t{11}}, {"embedding_dim", std::int64_t{3}}}, {{5}}},
                   {{{"num_embeddings", std::int64_t{7}},
                     {"embedding_dim", std::int64_t{4}},
                     {"padding_idx", std::int64_t{0}}},
                    {{6}}},
                   {{{"num_embeddings", std::int64_t{9}}, {"embedding_dim", std::int64_t{2}}}, {{3, 4}}}},
       .caption = table_caption},
      {.type = "EmbeddingBag",
       .category = Category::Linear,
       .summary = "The mean (or sum, or maximum) of the learned vectors of a text's words, whatever their order.",
       .name_stem = "embedding_bag",
       .settings = std::move(bag_settings),
       .elements = Elements::Indices,
       .saved = {.input = true},
       .shapes = bag_shapes,
       .weights = table,
       .window = [](const LayerView&, std::size_t) { return std::vector<AxisWindow>{consumed_window()}; },
       .call =
           [](const LayerView& view) {
             NnCall call{"EmbeddingBag",
                         {{"num_embeddings", view.settings.integer("num_embeddings")},
                          {"embedding_dim", view.settings.integer("embedding_dim")},
                          {"mode", view.settings.text("mode")}}};
             add_padding(call, view);
             return call;
           },
       .formula =
           [](const LayerView& view, std::span<const Shape>) {
             return std::vector<FormulaLine>{
                 {"y = mode over t of row xₜ of the table",
                  fmt::format("y = {} over {} rows", view.settings.text("mode"), dim_text(view.input()[0]))},
                 table_size(view)};
           },
       .samples =
           {{{{"num_embeddings", std::int64_t{11}}, {"embedding_dim", std::int64_t{3}}}, {{5}}},
            {{{"num_embeddings", std::int64_t{11}},
              {"embedding_dim", std::int64_t{3}},
              {"mode", std::string("sum")},
              {"padding_idx", std::int64_t{2}}},
             {{6}}},
            {{{"num_embeddings", std::int64_t{8}}, {"embedding_dim", std::int64_t{4}}, {"mode", std::string("max")}},
             {{4}}}},
       .caption = [](const Settings& s) { return table_caption(s) + ", " + s.text("mode"); }},
  };
}

}  // namespace netwright
