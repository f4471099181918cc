#include "backend/interop/pytorch_training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "backend/interop/pytorch_call.h"
#include "backend/interop/pytorch_task.h"
#include "backend/interop/pytorch_text.h"

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

constexpr const char* adversarial = R"py(
# Two networks that learn against each other: `netwright-engine train` trains them, and
# load_weights(generator, "....safetensors") reads the weights that `netwright-engine export` writes.
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
    """Fashion-MNIST's training and test set, {words}."""
    sets = []
    for part in ("train", "t10k"):
        images = read_idx(f"{folder}/{part}-images-idx3-ubyte.gz").unsqueeze(1) / 255
        labels = read_idx(f"{folder}/{part}-labels-idx1-ubyte.gz").long()
        sets.append((images, labels))
    mean, deviation = {scale}
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

/// Of whatever source, as Netwright prepares it.
constexpr const char* array_data = R"py(
def load_data(folder="data"):
    """{title}: arrays that Netwright writes, split and normalised as it trains on them:

    netwright-engine datasets PROJECT --output data
    """
    sets = []
    for part in ("train", "test"):
        arrays = [np.load(f"{folder}/{part}_{kind}.npy") for kind in {kinds}]
        sets.append(TensorDataset(*[torch.from_numpy(array) for array in arrays]))
    return sets
)py";

constexpr const char* loop = R"py(
@torch.no_grad()
def evaluate(model, data, device):
    """Mean loss and {measure}."""
    model.eval()
    loss, measured = 0.0, 0.0
    for batch in DataLoader(data, batch_size=256):
        inputs, targets = (part.to(device) for part in {batch})
        outputs = model({seen})
        loss += loss_of(outputs, targets).item() * len(inputs)
        measured += measure(outputs, targets).item() * len(inputs)
    return loss / len(data), measured / len(data)


def train(model, train_data, test_data, device, epochs=EPOCHS):
{before}    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = {optimiser}
    for epoch in range(1, epochs + 1):
        model.train()
        total, measured = 0.0, 0.0
        for batch in DataLoader(train_data, batch_size=BATCH_SIZE, shuffle=True):
            inputs, targets = (part.to(device) for part in {batch})
            optimiser.zero_grad()
            outputs = model({seen})
            loss = loss_of(outputs, targets)
            total += loss.item() * len(inputs)
            measured += measure(outputs, targets).item() * len(inputs)
{penalties}            loss.backward()
{clipping}            optimiser.step()
        test_loss, test_measured = evaluate(model, test_data, device)
        print(
            f"epoch {epoch}: loss {total / len(train_data):.4f}, {measure} {measured / len(train_data):.4f}, "
            f"test loss {test_loss:.4f}, test {measure} {test_measured:.4f}"
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

std::string points_of(const std::string& source, const Settings& settings) {
  if (source == "two-spirals") {
    return fmt::format(
        "        along = torch.rand(count)\n"
        "        angle = 2 * math.pi * ({} * along + 0.5 * labels)\n"
        "        points = torch.stack((along * torch.cos(angle), along * torch.sin(angle)), 1)",
        python_setting(settings, "turns"));
  }
  if (source == "circles") {
    return fmt::format(
        "        radius = torch.where(labels == 0, {}, 1.0)\n"
        "        angle = 2 * math.pi * torch.rand(count)\n"
        "        points = torch.stack((radius * torch.cos(angle), radius * torch.sin(angle)), 1)",
        python_setting(settings, "inner_radius"));
  }
  return fmt::format(
      "        points = 2 * torch.rand(count, 2) - 1\n"
      "        labels = ((points + 1) / 2 * {}).long().sum(1) % 2",
      python_setting(settings, "cells"));
}

bool is_reconstruction(const Project& project) {
  return project.recipe.task == "Reconstruction";
}

std::string data_part(const Project& project) {
  const std::string& source = project.data.source;
  const std::string scale = completed(preparation_specs(), project.data.preparation).text("normalisation");
  if (source == "fashion-mnist") {
    if (scale == "unit") return filled(idx_data, {{"words", "from 0 to 1"}, {"scale", "0, 1"}});
    if (scale == "signed") return filled(idx_data, {{"words", "from -1 to 1"}, {"scale", "0.5, 0.5"}});
    if (scale == "none") return filled(idx_data, {{"words", "from 0 to 1"}, {"scale", "0, 1"}});
    return filled(idx_data, {{"words", "with mean 0 and deviation 1 over the training set"},
                             {"scale", "sets[0][0].mean(), sets[0][0].std(unbiased=False)"}});
  }
  const DataSpec* spec = find_data_spec(source);
  const Settings settings = spec ? completed(spec->settings, project.data.settings) : Settings();
  const std::string title = spec ? spec->title : "No data source is chosen";
  const bool are_points = source == "two-spirals" || source == "circles" || source == "checkerboard";
  if (are_points && scale == "standard") {
    return filled(point_data, {{"title", title},
                               {"draw", points_of(source, settings)},
                               {"noise", python_setting(settings, "noise")},
                               {"seed", python_setting(settings, "seed")},
                               {"train_samples", python_setting(settings, "train_samples")},
                               {"test_samples", python_setting(settings, "test_samples")}});
  }
  return filled(array_data, {{"title", title},
                             {"kinds", is_reconstruction(project) ? "(\"inputs\",)" : "(\"inputs\", \"targets\")"}});
}

/// What of the recipe the script leaves out, as a comment; empty where it is all there.
std::string left_out(const Project& project) {
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  std::vector<std::string> names;
  if (project.recipe.schedule.type != "Constant") names.push_back("the schedule " + project.recipe.schedule.type);
  if (recipe.integer("accumulate") > 1) names.emplace_back("accumulated gradients");
  if (recipe.real("ema_decay") > 0) names.emplace_back("averaged weights");
  if (recipe.integer("patience") > 0) names.emplace_back("early stopping");
  if (recipe.text("initialisation") != "default") names.emplace_back("first weights other than PyTorch's");
  if (names.empty()) return {};
  return fmt::format("# Of the recipe this script leaves out: {}.\n", fmt::join(names, ", "));
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
  if (project.recipe.task == "Adversarial") return std::string(read_weights).substr(1) + adversarial;
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  const PytorchTask task = pytorch_task(project, network);
  std::string text =
      fmt::format("{}EPOCHS = {}\nBATCH_SIZE = {}\nSEED = {}\n", left_out(project), python_setting(recipe, "epochs"),
                  python_setting(recipe, "batch_size"), python_setting(recipe, "seed"));
  if (recipe.real("l1") != 0) text += fmt::format("L1 = {}\n", python_setting(recipe, "l1"));
  if (recipe.real("l2") != 0) text += fmt::format("L2 = {}\n", python_setting(recipe, "l2"));
  text += std::string("\n") + read_weights + "\n" + data_part(project) + "\n" + pytorch_loss(task) + "\n";
  std::string clipping;
  if (recipe.real("clip_value") > 0) {
    clipping +=
        fmt::format("            nn.utils.clip_grad_value_(weights, {})\n", python_setting(recipe, "clip_value"));
  }
  if (recipe.real("clip_norm") > 0) {
    clipping += fmt::format("            nn.utils.clip_grad_norm_(weights, {})\n", python_setting(recipe, "clip_norm"));
  }
  text += filled(loop, {{"optimiser", optimiser_text(project.recipe)},
                        {"penalties", penalties_text(recipe)},
                        {"clipping", clipping},
                        {"measure", task.name},
                        {"batch", task.batch},
                        {"seen", task.seen},
                        {"before", task.before},
                        {"model", model_class}});
  return text;
}

}  // namespace netwright
