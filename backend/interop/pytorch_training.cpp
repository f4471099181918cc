#include "backend/interop/pytorch_training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backend/data/data_catalogue.h"
#include "backend/graph/recipe_specs.h"
#include "backend/interop/pytorch_call.h"

namespace netwright {

namespace {

constexpr const char* read_weights = R"py(
def load_weights(model, path):
    """Reads a safetensors file: the length of a JSON header, the header, the numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    types = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "I64": torch.int64, "I32": torch.int32}
    weights = {}
    for name in model.state_dict():
        entry = header[name]
        begin, end = entry["data_offsets"]
        numbers = torch.frombuffer(bytearray(data[begin:end]), dtype=types[entry["dtype"]])
        weights[name] = numbers.reshape(entry["shape"])
    model.load_state_dict(weights)
)py";

constexpr const char* idx_data = R"py(
def read_idx(path):
    """An IDX file: two zeros, the type, the number of axes, their sizes, the numbers."""
    with gzip.open(path) as file:
        data = file.read()
    rank = data[3]
    sizes = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return torch.frombuffer(bytearray(data[4 + 4 * rank :]), dtype=torch.uint8).reshape(sizes)


def load_data(folder="/usr/share/datasets/fashion-mnist"):
    """Fashion-MNIST's training and test set, with mean 0 and deviation 1 over the training set."""
    sets = []
    for part in ("train", "t10k"):
        images = read_idx(f"{folder}/{part}-images-idx3-ubyte.gz").unsqueeze(1) / 255
        labels = read_idx(f"{folder}/{part}-labels-idx1-ubyte.gz").long()
        sets.append((images, labels))
    mean, deviation = sets[0][0].mean(), sets[0][0].std(unbiased=False)
    return [TensorDataset((images - mean) / deviation, labels) for images, labels in sets]
)py";

/// Around `draw`, which gives points and their classes.
constexpr const char* point_data = R"py(
def load_data():
    """{title}: points in a plane as training and test set, with mean 0 and deviation 1 over the training set."""

    def draw(count):
        labels = torch.arange(count) % 2
{draw}
        return points + {noise} * torch.randn(count, 2), labels

    torch.manual_seed({seed})
    (train, train_labels), (test, test_labels) = draw({train_samples}), draw({test_samples})
    mean, deviation = train.mean(0), train.std(0, unbiased=False)
    return [
        TensorDataset((train - mean) / deviation, train_labels),
        TensorDataset((test - mean) / deviation, test_labels),
    ]
)py";

constexpr const char* placeholder_data = R"py(
def load_data():
    """A placeholder: random samples of the right shape. Put your own data here ({title})."""

    def draw(count):
        return TensorDataset({inputs}, torch.randint({classes}, (count,)))

    return [draw({train_samples}), draw({test_samples})]
)py";

constexpr const char* loop = R"py(
@torch.no_grad()
def evaluate(model, data, device):
    """Mean loss and share of right answers."""
    model.eval()
    loss, right = 0.0, 0
    for inputs, targets in DataLoader(data, batch_size=256):
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss += loss_of(outputs, targets).item() * len(targets)
        right += (outputs.argmax(1) == targets).sum().item()
    return loss / len(data), right / len(data)


def train(model, train_data, test_data, device, epochs=EPOCHS):
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = {optimiser}
    for epoch in range(1, epochs + 1):
        model.train()
        total, right = 0.0, 0
        for inputs, targets in DataLoader(train_data, batch_size=BATCH_SIZE, shuffle=True):
            inputs, targets = inputs.to(device), targets.to(device)
            optimiser.zero_grad()
            outputs = model(inputs)
            loss = loss_of(outputs, targets)
            total += loss.item() * len(targets)
            right += (outputs.argmax(1) == targets).sum().item()
{penalties}            loss.backward()
            optimiser.step()
        test_loss, test_accuracy = evaluate(model, test_data, device)
        print(
            f"epoch {epoch}: loss {total / len(train_data):.4f}, accuracy {right / len(train_data):.4f}, "
            f"test loss {test_loss:.4f}, test accuracy {test_accuracy:.4f}"
        )


def main():
    parser = argparse.ArgumentParser(description="Trains the network.")
    parser.add_argument("--weights", help="a safetensors file to start from")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--save", help="where to write the trained state_dict")
    arguments = parser.parse_args()

    torch.manual_seed(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = {model}().to(device)
    if arguments.weights:
        load_weights(model, arguments.weights)
    train_data, test_data = load_data()
    train(model, train_data, test_data, device, arguments.epochs)
    if arguments.save:
        torch.save(model.state_dict(), arguments.save)


if __name__ == "__main__":
    main()
)py";

/// Replaces each `{name}`; fmt would mind Python's own braces.
std::string filled(std::string text, std::initializer_list<std::pair<std::string, std::string>> values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

std::string number(const Settings& settings, const char* name) {
  const Value* value = settings.find(name);
  return value ? python_literal(*value) : "0";
}

std::string points_of(const std::string& source, const Settings& settings) {
  if (source == "two-spirals") {
    return fmt::format(
        "        along = torch.rand(count)\n"
        "        angle = 2 * math.pi * ({} * along + 0.5 * labels)\n"
        "        points = torch.stack((along * torch.cos(angle), along * torch.sin(angle)), 1)",
        number(settings, "turns"));
  }
  if (source == "circles") {
    return fmt::format(
        "        radius = torch.where(labels == 0, {}, 1.0)\n"
        "        angle = 2 * math.pi * torch.rand(count)\n"
        "        points = torch.stack((radius * torch.cos(angle), radius * torch.sin(angle)), 1)",
        number(settings, "inner_radius"));
  }
  return fmt::format(
      "        points = 2 * torch.rand(count, 2) - 1\n"
      "        labels = ((points + 1) / 2 * {}).long().sum(1) % 2",
      number(settings, "cells"));
}

std::string data_part(const Project& project, const Network& network) {
  const std::string& source = project.data.source;
  if (source == "fashion-mnist") return idx_data;
  const DataSpec* spec = find_data_spec(source);
  const Settings settings = spec ? completed(spec->settings, project.data.settings) : Settings();
  const std::string title = spec ? spec->title : "no data source is chosen";
  if (source == "two-spirals" || source == "circles" || source == "checkerboard") {
    return filled(point_data, {{"title", title},
                               {"draw", points_of(source, settings)},
                               {"noise", number(settings, "noise")},
                               {"seed", number(settings, "seed")},
                               {"train_samples", number(settings, "train_samples")},
                               {"test_samples", number(settings, "test_samples")}});
  }
  const auto description = describe(project.data);
  const auto input = std::find_if(network.layers.begin(), network.layers.end(),
                                  [](const Layer& layer) { return layer.type == "Input"; });
  std::vector<std::string> sizes = {"count"};
  if (description) {
    for (const Dim& dim : description->sample_shape.dims()) sizes.push_back(std::to_string(dim.value_or(1)));
  } else if (input != network.layers.end()) {
    for (const std::int64_t size : input->settings.integers("shape")) sizes.push_back(std::to_string(size));
  }
  const bool are_words = input != network.layers.end() && input->settings.text("dtype") == "int64";
  const std::string shape = fmt::format("{}", fmt::join(sizes, ", "));
  return filled(
      placeholder_data,
      {{"title", title},
       {"inputs", are_words ? fmt::format("torch.randint(10, ({},))", shape) : "torch.randn(" + shape + ")"},
       {"classes", std::to_string(description ? description->classes : 10)},
       {"train_samples", std::to_string(std::min<std::int64_t>(description ? description->train_samples : 1000, 1000))},
       {"test_samples", std::to_string(std::min<std::int64_t>(description ? description->test_samples : 200, 200))}});
}

/// True where the Output gets probabilities, not logits.
bool gives_probabilities(const Network& network) {
  return std::any_of(network.connections.begin(), network.connections.end(), [&](const Connection& connection) {
    const Layer* from = network.find(connection.from.layer);
    const Layer* to = network.find(connection.to.layer);
    return from && to && from->type == "Softmax" && to->type == "Output";
  });
}

std::string loss_part(const Network& network) {
  std::string text = "\ndef loss_of(outputs, targets):\n";
  if (!gives_probabilities(network)) return text + "    return nn.functional.cross_entropy(outputs, targets)\n";
  return text +
         "    # The network gives probabilities; one rounded to 0 has no logarithm.\n"
         "    return nn.functional.nll_loss(outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log(), targets)\n";
}

std::string optimiser_text(const Recipe& recipe) {
  const OptimiserSpec* spec = find_optimiser_spec(recipe.optimiser);
  if (!spec)
    return fmt::format("torch.optim.Adam(weights)  # there is no optimiser {}", python_literal(recipe.optimiser));
  const Settings settings = completed(spec->settings, recipe.optimiser_settings);
  std::string text = fmt::format("torch.optim.{}(weights", spec->type);
  for (const SettingSpec& setting : spec->settings)
    text += fmt::format(", {}={}", setting.name, python_literal(*settings.find(setting.name)));
  return text + ")";
}

std::string penalties_text(const Settings& recipe) {
  std::string text;
  if (recipe.real("l1") != 0) text += "            loss = loss + L1 * sum(weight.abs().sum() for weight in weights)\n";
  if (recipe.real("l2") != 0) text += "            loss = loss + L2 * sum(weight.pow(2).sum() for weight in weights)\n";
  return text;
}

}  // namespace

std::string pytorch_training(const Project& project, const Network& network, const std::string& model_class) {
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  std::string text = fmt::format("EPOCHS = {}\nBATCH_SIZE = {}\nSEED = {}\n", number(recipe, "epochs"),
                                 number(recipe, "batch_size"), number(recipe, "seed"));
  if (recipe.real("l1") != 0) text += fmt::format("L1 = {}\n", number(recipe, "l1"));
  if (recipe.real("l2") != 0) text += fmt::format("L2 = {}\n", number(recipe, "l2"));
  text += std::string("\n") + read_weights + "\n" + data_part(project, network) + "\n" + loss_part(network) + "\n";
  text += filled(
      loop,
      {{"optimiser", optimiser_text(project.recipe)}, {"penalties", penalties_text(recipe)}, {"model", model_class}});
  return text;
}

}  // namespace netwright
