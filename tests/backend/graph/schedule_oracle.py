"""Runs torch.optim.lr_scheduler over the cases in FOLDER/cases.json, for test_schedule.cpp.

For each case `<case>` receives the learning rate of every step of the run, as plain float64. A scheduler steps after
every step or every epoch, as the case says; one on a plateau is told the case's losses. `warmup_steps` w multiplies by
LinearLR's factor, which is 1/w in the first step and 1 from step w on.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy
import torch
from torch.optim import lr_scheduler

warnings.simplefilter("ignore", UserWarning)  # about the order of steps, and arguments of another version
folder = Path(sys.argv[1])
plan = json.loads((folder / "cases.json").read_text())


def optimiser_at(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def rate_of(optimiser):
    return optimiser.param_groups[0]["lr"]


for case in plan["cases"]:
    optimiser = optimiser_at(case["rate"])
    scheduler = None
    if case["class"]:
        scheduler = getattr(lr_scheduler, case["class"])(optimiser, **case["arguments"])
    warmth = optimiser_at(1.0)
    warmup = None
    if case["warmup_steps"] > 1:
        w = case["warmup_steps"]
        warmup = lr_scheduler.LinearLR(warmth, start_factor=1 / w, total_iters=w - 1)
    seen = []
    for epoch in range(plan["epochs"]):
        for _ in range(plan["steps_per_epoch"]):
            seen.append(rate_of(optimiser) * rate_of(warmth))
            optimiser.step()
            warmth.step()
            # A cycle has no step after its last one.
            is_last = len(seen) == plan["epochs"] * plan["steps_per_epoch"]
            if scheduler and case["every"] == "step" and not is_last:
                scheduler.step()
            if warmup:
                warmup.step()
        if scheduler and case["every"] == "epoch":
            scheduler.step()
        if case["every"] == "loss":
            scheduler.step(case["losses"][epoch])
    numpy.array(seen).tofile(folder / case["name"])
