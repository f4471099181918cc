"""The figures of disturbed inputs by PyTorch, scipy and sklearn, for test_robustness.cpp.

FOLDER/plan.json names what to do; weights.safetensors, inputs.bin and targets.bin (normalised, plain numbers) are there.
Writes FOLDER/answers.json.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from scipy.ndimage import gaussian_filter
from sklearn import metrics
from torch import nn

folder = Path(sys.argv[1])
plan = json.loads((folder / "plan.json").read_text())


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        numbers = numpy.frombuffer(data[8 + size + begin:8 + size + end], dtype=numpy.float32)
        tensors[name] = torch.from_numpy(numpy.array(numbers).reshape(entry["shape"]))
    return tensors


weights = read_safetensors(folder / "weights.safetensors")
sizes = plan["sizes"]
inputs = torch.from_numpy(numpy.fromfile(folder / "inputs.bin", dtype=numpy.float32).reshape(sizes).copy())


def linear(name, x):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


if plan["kind"] == "classifier":
    targets = torch.from_numpy(numpy.fromfile(folder / "targets.bin", dtype=numpy.int64).copy())

    def model(x):
        x = nn.functional.conv2d(x, weights["conv.weight"], weights["conv.bias"], padding=1)
        x = nn.functional.batch_norm(x, weights["norm.running_mean"], weights["norm.running_var"],
                                     weights["norm.weight"], weights["norm.bias"])
        return linear("linear", torch.relu(x).flatten(1))

    def loss_of(x, at):
        return nn.functional.cross_entropy(model(x), targets[at])

    def figure_of(x):
        return (model(x).argmax(1) == targets).double().mean().item()
else:
    def model(x):
        x = torch.relu(linear("encoder", x.flatten(1)))
        return torch.sigmoid(linear("decoder", x)).view(-1, *sizes[1:])

    def loss_of(x, at):
        return nn.functional.mse_loss(model(x), inputs[at])

    def figure_of(x):
        return nn.functional.mse_loss(model(x), inputs).item()

low = (0 - plan["mean"]) / plan["deviation"]
high = (1 - plan["mean"]) / plan["deviation"]
batch = plan["batch"]
parts = [slice(begin, min(begin + batch, len(inputs))) for begin in range(0, len(inputs), batch)]
answers = {"deviation": inputs.double().std(unbiased=False).item(), "undisturbed": figure_of(inputs)}

answers["noise"] = []
for level in plan["noise"]:
    generator = torch.Generator()
    generator.manual_seed(plan["seed"])
    noise = torch.cat([torch.randn(inputs[part].shape, generator=generator) for part in parts])
    answers["noise"].append(figure_of((inputs + level * answers["deviation"] * noise).clamp(low, high)))

answers["blur"] = []
for level in plan["blur"]:
    soft = gaussian_filter(inputs.double().numpy(), sigma=(0, 0, level, level), mode="nearest", truncate=4)
    answers["blur"].append(figure_of(torch.from_numpy(soft).float().clamp(low, high)))

answers["fgsm"] = []
for level in plan["byte_steps"]:
    moved = []
    for part in parts:
        x = inputs[part].clone().requires_grad_()
        loss_of(x, part).backward()
        moved.append(x.detach() + level / 255 / plan["deviation"] * x.grad.sign())
    answers["fgsm"].append(figure_of(torch.cat(moved).clamp(low, high)))

if plan["kind"] == "classifier":
    scores = model(inputs).softmax(1).numpy()
    answers["macro_auc"] = metrics.roc_auc_score(targets, scores, multi_class="ovr", average="macro")
    hot = numpy.eye(scores.shape[1])[targets]
    answers["macro_average_precision"] = metrics.average_precision_score(hot, scores, average="macro")
(folder / "answers.json").write_text(json.dumps(answers))
