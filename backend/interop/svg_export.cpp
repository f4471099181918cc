#include "backend/interop/svg_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "backend/core/numbers.h"
#include "backend/graph/drawing_size.h"
#include "backend/interop/svg_wires.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr double width = layer_width;
constexpr double height = layer_height;
constexpr double margin = 40;
constexpr double text_left = 14;
constexpr double text_right = width - 10;

constexpr const char* canvas = "#f8f9fb";
constexpr const char* surface = "#ffffff";
constexpr const char* outline = "#d6dae1";
constexpr const char* ink = "#1b2029";
constexpr const char* muted = "#586172";
constexpr const char* wire_colour = "#7d8797";
constexpr const char* error = "#bf2530";

/// In the order of Category.
constexpr std::array categories = {"#6b7482", "#3f6fd8", "#1f8fb5", "#7a55cf", "#b0489f", "#c9446b",
                                   "#c77a16", "#2f9457", "#8a7a2c", "#5f7f99", "#1b9a8a", "#3d4654"};
static_assert(categories.size() == static_cast<std::size_t>(Category::Block) + 1);

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

/// Characters, not bytes.
std::size_t length_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Cut to `room` canvas units at a size of `size`, a character being about half as wide as it is high.
std::string elided(const std::string& text, double room, double size) {
  const auto most = static_cast<std::size_t>(std::max(1.0, room / (size * 0.56)));
  if (length_of(text) <= most) return text;
  std::string cut;
  std::size_t count = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && count++ == most - 1) break;
    cut += c;
  }
  return cut + "…";
}

double room_of(const std::string& text, double size) {
  return static_cast<double>(length_of(text)) * size * 0.56;
}

std::string text_at(double x, double y, const char* style, const std::string& text) {
  return text.empty() ? text
                      : fmt::format("<text x=\"{:g}\" y=\"{:g}\" class=\"{}\">{}</text>", x, y, style, escaped(text));
}

struct Ports {
  int inputs = 0;
  int outputs = 0;
};

Point input_place(const Layer& layer, int port, int count) {
  return {layer.position.x + width * (port + 1) / (count + 1), layer.position.y};
}
Point output_place(const Layer& layer, int port, int count) {
  return {layer.position.x + width * (port + 1) / (count + 1), layer.position.y + height};
}

std::map<LayerId, Ports> ports_of(const Network& network) {
  std::map<LayerId, Ports> ports;
  for (const Layer& layer : network.layers) {
    const LayerSpec* spec = find_layer_spec(layer.type);
    ports[layer.id] = spec ? Ports{spec->min_inputs, output_count(*spec, layer.settings)} : Ports{1, 1};
  }
  for (const Connection& connection : network.connections) {
    int& inputs = ports[connection.to.layer].inputs;
    int& outputs = ports[connection.from.layer].outputs;
    inputs = std::max(inputs, connection.to.port + 1);
    outputs = std::max(outputs, connection.from.port + 1);
  }
  return ports;
}

std::string parameters_text(const Layer& layer, const LayerReport& figures) {
  if (figures.parameters.value_or(0) == 0) return {};
  return with_separators(*figures.parameters) + (layer.trainable ? " params" : " frozen");
}

std::string field_text(const LayerReport& figures, const LayerSpec* spec) {
  if (!figures.is_valid || figures.field.empty() || (spec && spec->max_inputs == 0)) return {};
  return "RF " + (sees_whole_input(figures.field) ? std::string("whole") : to_text(figures.field));
}

std::string node_text(const Layer& layer, const LayerReport& figures, const Ports& ports, bool is_in_error) {
  const LayerSpec* spec = find_layer_spec(layer.type);
  const char* colour = spec ? categories.at(static_cast<std::size_t>(spec->category)) : muted;
  std::string text = fmt::format("<g transform=\"translate({:g} {:g})\">", layer.position.x, layer.position.y);
  text += fmt::format("<rect width=\"{:g}\" height=\"{:g}\" rx=\"6\" class=\"{}\"/>", width, height,
                      is_in_error ? "node bad" : "node");
  text += fmt::format("<path d=\"M4 0V{1:g}A6 6 0 0 1 0 {0:g}V6A6 6 0 0 1 4 0Z\" fill=\"{2}\"/>", height - 6, height,
                      colour);
  const double room = text_right - text_left;
  text += text_at(text_left, 21, "name", elided(layer.name, room, 13));
  const std::string type = elided(layer.type, room, 11);
  text += text_at(text_left, 39, "detail", type);
  const std::string caption = spec && spec->caption ? spec->caption(layer.settings) : std::string();
  const double used = room_of(type, 11) + 8;
  if (!caption.empty() && room - used > 24) {
    text += text_at(text_left + used, 39, "caption", elided(caption, room - used, 11));
  }
  text += text_at(text_left, 60, "detail", parameters_text(layer, figures));
  text += text_at(text_right, 60, "detail end", field_text(figures, spec));
  for (std::size_t port = 0; port < figures.outputs.size() && static_cast<int>(port) < ports.outputs; ++port) {
    const double x = width * static_cast<double>(port + 1) / (ports.outputs + 1);
    text += text_at(x, height + 27, "shape", figures.outputs[port].to_string());
  }
  for (int port = 0; port < ports.inputs; ++port) {
    text +=
        fmt::format("<circle cx=\"{:g}\" cy=\"0\" r=\"4\" class=\"port\"/>", width * (port + 1) / (ports.inputs + 1));
  }
  for (int port = 0; port < ports.outputs; ++port) {
    text += fmt::format("<circle cx=\"{:g}\" cy=\"{:g}\" r=\"4\" class=\"port\"/>",
                        width * (port + 1) / (ports.outputs + 1), height);
  }
  return text + "</g>\n";
}

std::string head(const Network& network) {
  Point least{0, 0};
  Point most{width, height};
  if (!network.layers.empty()) {
    least = most = network.layers.front().position;
    for (const Layer& layer : network.layers) {
      least = {std::min(least.x, layer.position.x), std::min(least.y, layer.position.y)};
      most = {std::max(most.x, layer.position.x), std::max(most.y, layer.position.y)};
    }
    most = {most.x + width, most.y + height};
  }
  const double wide = most.x - least.x + 2 * margin;
  const double high = most.y - least.y + 2 * margin;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" viewBox=\"{2:g} {3:g} {0:g} "
      "{1:g}\">\n"
      "<title>{4}</title>\n",
      wide, high, least.x - margin, least.y - margin, escaped(network.name));
  text += fmt::format(
      "<style>text{{font-family:Inter,\"Noto Sans\",\"DejaVu Sans\",Helvetica,Arial,sans-serif;"
      "font-variant-numeric:tabular-nums}}"
      ".name{{font-size:13px;font-weight:600;fill:{0}}}.detail{{font-size:11px;fill:{1}}}"
      ".caption{{font-size:11px;fill:{0}}}.end{{text-anchor:end}}"
      ".shape{{font-size:11px;fill:{1};text-anchor:middle;paint-order:stroke;stroke:{2};stroke-width:5px}}"
      ".node{{fill:{3};stroke:{4}}}.bad{{stroke:{5};stroke-width:1.5px}}"
      ".wire{{fill:none;stroke:{6};stroke-width:1.5px}}.port{{fill:{1}}}</style>\n",
      ink, muted, canvas, surface, outline, error, wire_colour);
  return text + fmt::format("<rect x=\"{:g}\" y=\"{:g}\" width=\"{:g}\" height=\"{:g}\" fill=\"{}\"/>\n",
                            least.x - margin, least.y - margin, wide, high, canvas);
}

}  // namespace

std::string svg_drawing(const Network& network, const Report& report) {
  const std::map<LayerId, Ports> ports = ports_of(network);
  std::set<LayerId> wrong;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.network == network.id && diagnostic.severity == Severity::Error) wrong.insert(diagnostic.layer);
  }
  std::vector<SvgBox> boxes;
  for (const Layer& layer : network.layers) {
    const Point& place = layer.position;
    boxes.push_back({place.x, place.y, place.x + width, place.y + height});
  }
  std::string text = head(network);
  for (const Connection& connection : network.connections) {
    const Layer* from = network.find(connection.from.layer);
    const Layer* to = network.find(connection.to.layer);
    if (!from || !to) continue;
    const std::string wire = svg_wire(output_place(*from, connection.from.port, ports.at(from->id).outputs),
                                      input_place(*to, connection.to.port, ports.at(to->id).inputs), boxes);
    text += fmt::format("<path d=\"{}\" class=\"wire\"/>\n", wire);
  }
  static const LayerReport nothing;
  for (const Layer& layer : network.layers) {
    const LayerReport* figures = report.find(network.id, layer.id);
    text += node_text(layer, figures ? *figures : nothing, ports.at(layer.id), wrong.contains(layer.id));
  }
  return text + "</svg>\n";
}

}  // namespace netwright
