"""Runs exported code and TorchScript with real PyTorch, for test_export_parity.cpp.

FOLDER holds one folder for each case: `model.py` and `weights.safetensors`, `model.pt` where there is TorchScript, and
`case.safetensors` with `input.0`, ..., what GraphModule gave for them in evaluation mode, `output.0`, ..., and what it
gives in float64, `exact.0`, ... Prints a line for each case and form: CASE FORM ERROR, where ERROR is the largest difference
as a part of the largest number (or, where rounding alone changes the network's results, in units of 1e-5 of that change),
or why it failed. Outputs that aren't steady (`steady.0`, ...) may be any numbers.
"""

import json
import re
import struct
import sys
import warnings
from pathlib import Path

import numpy
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    types = {"F32": numpy.float32, "I64": numpy.int64}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def numbered(tensors, stem):
    found = []
    while f"{stem}.{len(found)}" in tensors:
        found.append(tensors[f"{stem}.{len(found)}"])
    return found


def error_of(outputs, expected, exact, steady):
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    if [list(y.shape) for y in outputs] != [list(y.shape) for y in expected]:
        return f"shapes {[list(y.shape) for y in outputs]} instead of {[list(y.shape) for y in expected]}"
    worst = 0.0
    for y, wanted, free_of_rounding, is_steady in zip(outputs, expected, exact, steady):
        if y.dtype != wanted.dtype:
            return f"{y.dtype} instead of {wanted.dtype}"
        if not is_steady:
            continue
        y, wanted = y.double(), wanted.double()
        usual = wanted.isfinite()
        if not torch.equal(usual, y.isfinite()):
            return "other numbers aren't finite"
        if usual.any():
            rounding = (wanted[usual] - free_of_rounding.double()[usual]).abs().max().nan_to_num(0, 0).item()
            scale = max(wanted[usual].abs().max().item(), 1e-3, 1e5 * rounding)
            worst = max(worst, (y[usual] - wanted[usual]).abs().max().item() / scale)
    return f"{worst:.3e}"


def run_code(case, inputs):
    source = (case / "model.py").read_text()
    scope = {"__name__": case.name}
    exec(compile(source, str(case / "model.py"), "exec"), scope)
    model = scope[re.search(r"model = (\w+)\(\)", source)[1]]()
    scope["load_weights"](model, case / "weights.safetensors")
    return model.eval()(*inputs)


def run_script(case, inputs):
    model = torch.jit.load(str(case / "model.pt"))
    weights = read_tensors(case / "weights.safetensors")
    state = model.state_dict()
    if sorted(state) != sorted(weights):
        raise ValueError(f"the state_dict has {sorted(state)} instead of {sorted(weights)}")
    for name, tensor in weights.items():
        if not torch.allclose(state[name], tensor, 0, 0, equal_nan=True):
            raise ValueError(f"{name} differs")
    return model.eval()(*inputs)


for case in sorted(Path(sys.argv[1]).iterdir()):
    tensors = read_tensors(case / "case.safetensors")
    inputs = numbered(tensors, "input")
    results = [numbered(tensors, stem) for stem in ("output", "exact", "steady")]
    for form, run, file in (("code", run_code, "model.py"), ("script", run_script, "model.pt")):
        if not (case / file).exists():
            continue
        try:
            with torch.no_grad():
                result = error_of(run(case, inputs), *results)
        except Exception as problem:
            result = f"{type(problem).__name__}: {problem}".replace("\n", " ")[:600]
        print(case.name, form, result, flush=True)
