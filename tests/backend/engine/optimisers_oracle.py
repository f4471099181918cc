"""Runs torch.optim over the cases in FOLDER/cases.json, for test_optimisers.cpp.

The weights and the gradients of every step are drawn here and written to `weights` and `gradients`; for each case
`<case>` receives the weights after each of the steps in `looks`. At step `slower_at` the learning rate is halved.
All files are plain float64; with dtype float32 their values are float32's.
"""

import json
import sys
from pathlib import Path

import numpy
import torch

folder = Path(sys.argv[1])
plan = json.loads((folder / "cases.json").read_text())
dtype = getattr(torch, plan["dtype"])
shapes = plan["shapes"]
generator = torch.Generator().manual_seed(plan["seed"])


def draw(scale):
    return [scale * torch.randn(shape, dtype=dtype, generator=generator) for shape in shapes]


def flat(tensors):
    return numpy.concatenate([t.detach().double().numpy().ravel() for t in tensors])


start = draw(1.0)
gradients = [draw(0.1 if step % 7 else 1.0) for step in range(plan["steps"])]
flat(start).tofile(folder / "weights")
numpy.concatenate([flat(g) for g in gradients]).tofile(folder / "gradients")

for case in plan["cases"]:
    parameters = [torch.nn.Parameter(t.clone()) for t in start]
    settings = case["settings"]
    # NAdam's plain loop before PyTorch 2.0 takes one momentum twice (pytorch/pytorch#92699); this one never did.
    if case["type"] == "NAdam":
        settings = {**settings, "foreach": True}
    optimiser = getattr(torch.optim, case["type"])(parameters, **settings)
    seen = []
    for step, gradient in enumerate(gradients, start=1):
        if step == plan["slower_at"]:
            for group in optimiser.param_groups:
                group["lr"] /= 2
        for parameter, values in zip(parameters, gradient):
            parameter.grad = values.clone()
        optimiser.step()
        if step in plan["looks"]:
            seen.append(flat(parameters))
    numpy.concatenate(seen).tofile(folder / case["name"])
