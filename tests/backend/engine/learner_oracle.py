"""Trains a small network with PyTorch's own tools over the cases in FOLDER/cases.json, for test_learner.cpp.

FOLDER/weights holds the network's parameters one after the other, inputs and targets the batches in the order they come.
After every step `<case>` receives all parameters, `<case>.average` their average (torch.optim.swa_utils),
`<case>.figures` the step's learning rate and the gradients' norm before clipping. All files are plain float32, but the
figures float64.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel

folder = Path(sys.argv[1])
plan = json.loads((folder / "cases.json").read_text())
batch, features, outputs = plan["batch"], plan["features"], plan["outputs"]


def read(name, shape):
    return torch.from_numpy(numpy.fromfile(folder / name, dtype=numpy.float32)).view(shape)


inputs = read("inputs", (-1, batch, features))
targets = read("targets", (-1, batch, outputs))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(features, 8)
        self.fc2 = torch.nn.Linear(8, 8)
        self.fc3 = torch.nn.Linear(8, outputs)

    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))


def flat(module):
    return torch.cat([p.detach().reshape(-1) for p in module.parameters()]).numpy()


for case in plan["cases"]:
    recipe = case["recipe"]
    net = Net()
    start = read("weights", (-1,))
    torch.nn.utils.vector_to_parameters(start, net.parameters())
    if case["frozen"]:
        net.fc2.requires_grad_(False)
    weights = [p for p in net.parameters() if p.requires_grad]
    optimiser = getattr(torch.optim, case["optimiser"])(weights, **case["settings"])
    scheduler = lr_scheduler.ExponentialLR(optimiser, 0.8) if case["is_scheduled"] else None
    decay = recipe.get("ema_decay", 0)
    averaged = AveragedModel(net, avg_fn=lambda average, new, _: decay * average + (1 - decay) * new)
    averaged.update_parameters(net)  # the first is a copy
    accumulate = recipe.get("accumulate", 1)
    seen, averages, figures = [], [], []
    for step in range(plan["steps"]):
        optimiser.zero_grad()
        for part in range(step * accumulate, (step + 1) * accumulate):
            loss = torch.nn.functional.mse_loss(net(inputs[part]), targets[part])
            (loss / accumulate).backward()
        penalty = recipe.get("l1", 0) * sum(w.abs().sum() for w in weights)
        penalty = penalty + recipe.get("l2", 0) * sum(w.pow(2).sum() for w in weights)
        penalty.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights, float("inf"))
        if recipe.get("clip_value", 0):
            torch.nn.utils.clip_grad_value_(weights, recipe["clip_value"])
        if recipe.get("clip_norm", 0):
            torch.nn.utils.clip_grad_norm_(weights, recipe["clip_norm"])
        figures.append((optimiser.param_groups[0]["lr"], norm.item()))
        optimiser.step()
        if scheduler and (step + 1) % plan["steps_per_epoch"] == 0:
            scheduler.step()
        averaged.update_parameters(net)
        seen.append(flat(net))
        averages.append(flat(averaged))
    numpy.stack(seen).tofile(folder / case["name"])
    numpy.stack(averages).tofile(folder / (case["name"] + ".average"))
    numpy.array(figures).tofile(folder / (case["name"] + ".figures"))
