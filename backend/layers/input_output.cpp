#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

std::vector<LayerSpec> input_output_family() {
  return {
      {.type = "Input",
       .category = Category::InputOutput,
       .summary = "Where samples enter the network.",
       .name_stem = "input",
       .settings = {{.name = "shape",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{1, 28, 28},
                     .help =
                         "One sample's shape without the batch: channels, height, width for an image. 0 is left to the "
                         "data.",
                     .minimum = 0,
                     .maximum = 1e9},
                    {.name = "dtype",
                     .kind = SettingKind::Choice,
                     .fallback = std::string("float32"),
                     .help = "What a sample holds: real numbers, or whole numbers (the words of a text) for Embedding.",
                     .choices = {"float32", "int64"}}},
       .min_inputs = 0,
       .max_inputs = 0,
       .elements = Elements::Any,
       .shapes = [](const LayerView& view) -> ShapeResult {
         return std::vector<Shape>{Shape::from_sizes(view.settings.integers("shape"))};
       },
       .formula =
           [](const LayerView&, std::span<const Shape> outputs) {
             const Dim count = outputs[0].elements();
             return std::vector<FormulaLine>{
                 {"values in a sample = product of the shape", outputs[0].to_string() + " = " + dim_text(count)}};
           },
       .caption = [](const Settings& s) { return Shape::from_sizes(s.integers("shape")).to_string(); }},
      {.type = "Output",
       .category = Category::InputOutput,
       .summary = "What the network gives: the loss compares it with the target.",
       .name_stem = "output",
       .outputs = 0,
       .elements = Elements::Any,
       .shapes = [](const LayerView& view) -> ShapeResult { return std::vector<Shape>{view.input()}; },
       .caption = [](const Settings&) { return std::string(); }},
  };
}

}  // namespace netwright
