"""Draws first weights with torch.nn.init as FOLDER/cases.json says, for test_initialisation.cpp.

A case names a way and lists what it draws, in order: a shape and the activation behind it (calculate_gain's name and
parameter). `<case>` receives all numbers one after the other, as plain float32.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from torch.nn import init

folder = Path(sys.argv[1])
plan = json.loads((folder / "cases.json").read_text())


def drawn(way, shape, nonlinearity, slope):
    weight = torch.empty(shape)
    gain = init.calculate_gain(nonlinearity, slope)
    if way in ("xavier_uniform", "xavier_normal", "orthogonal"):
        getattr(init, way + "_")(weight, gain=gain)
    elif way in ("kaiming_uniform", "kaiming_normal"):
        getattr(init, way + "_")(weight, a=slope or 0, nonlinearity=nonlinearity)
    elif way == "normal":
        init.normal_(weight, std=0.02)
    else:
        init.constant_(weight, 0.01)
    return weight.numpy().ravel()


for case in plan["cases"]:
    torch.manual_seed(plan["seed"])
    weights = [drawn(case["way"], d["shape"], d["nonlinearity"], d["slope"]) for d in case["draws"]]
    numpy.concatenate(weights).tofile(folder / case["name"])
