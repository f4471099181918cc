"""Layers of sequences in real PyTorch, or written out by their papers' formulas, for test_sequence_parity.cpp.

FOLDER/cases.json lists calls as rows give them: `name`, `arguments`, `forward`, and the shapes of `inputs` and
`weights` by name. Case i's numbers lie, double precision or int64, in the files `i.input.PORT` and `i.weight.NAME`; its
output is written to `i.output`. Refuses weights whose names, order or shapes differ from the state_dict's.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

folder = Path(sys.argv[1])
torch.set_default_dtype(torch.float64)


def numbers(file, shape, kind=numpy.float64):
    return torch.from_numpy(numpy.fromfile(folder / file, kind)).reshape(shape)


def positional_encoding(x, arguments, weights):
    pe = weights["pe"]
    if arguments["kind"] == "sinusoidal":
        for t in range(arguments["max_len"]):
            for i in range(arguments["d_model"]):
                angle = t / 10000 ** (2 * (i // 2) / arguments["d_model"])
                expected = math.sin(angle) if i % 2 == 0 else math.cos(angle)
                # The table was single precision once.
                if abs(pe[t, i] - expected) > 1e-6:
                    sys.exit(f"pe[{t}, {i}] is {pe[t, i]}, not {expected}")
    return torch.stack([x[:, t] + pe[t] for t in range(x.shape[1])], 1)


def additive_attention(x, arguments, weights):
    pooled = []
    for sample in x:
        scores = torch.stack(
            [weights["score.weight"][0] @ torch.tanh(weights["proj.weight"] @ step + weights["proj.bias"]) for step in sample]
        )
        shares = torch.exp(scores) / torch.exp(scores).sum()
        pooled.append(sum(share * step for share, step in zip(shares, sample)))
    return torch.stack(pooled)


def scaled_dot_product(query, key, value, is_causal):
    *leading, queries, features = query.shape
    keys = key.shape[-2]
    leading = torch.broadcast_shapes(query.shape[:-2], key.shape[:-2], value.shape[:-2])
    query, key, value = (x.expand(*leading, *x.shape[-2:]) for x in (query, key, value))
    result = torch.zeros(*leading, queries, value.shape[-1])
    for place in numpy.ndindex(*leading):
        for t in range(queries):
            last = min(t + 1, keys) if is_causal else keys
            scores = torch.stack([query[place][t] @ key[place][s] / math.sqrt(features) for s in range(last)])
            shares = torch.exp(scores) / torch.exp(scores).sum()
            result[place][t] = sum(shares[s] * value[place][s] for s in range(last))
    return result


def recurrent_output(module, x, wanted):
    sequence, state = module(x)
    hidden = state[0] if isinstance(state, tuple) else state
    if wanted == "sequence":
        return sequence
    if wanted == "last output":
        return sequence[:, -1]
    directions = 2 if module.bidirectional else 1
    return torch.cat(list(hidden[-directions:]), 1)


def run(name, arguments, forward, inputs, weights):
    if name == "netwright.PositionalEncoding":
        return positional_encoding(inputs[0], arguments, weights)
    if name == "netwright.AdditiveAttention":
        return additive_attention(inputs[0], arguments, weights)
    if name == "netwright.scaled_dot_product":
        return scaled_dot_product(*inputs, arguments["is_causal"])
    module = getattr(nn, name)(**arguments)
    state = module.state_dict()
    if list(state) != list(weights):
        sys.exit(f"{name}: the names differ: {list(weights)} and {list(state)}")
    module.load_state_dict(weights, strict=True)
    module.eval()
    if name in ("RNN", "LSTM", "GRU"):
        return recurrent_output(module, inputs[0], forward["output"])
    if name == "MultiheadAttention":
        query, key, value = inputs + inputs[-1:] * (3 - len(inputs))
        mask = torch.full((query.shape[1], key.shape[1]), -math.inf).triu(1) if forward["is_causal"] else None
        return module(query, key, value, attn_mask=mask)[0]
    return module(*inputs)


for i, case in enumerate(json.loads((folder / "cases.json").read_text())):
    inputs = [
        numbers(f"{i}.input.{port}", given["shape"], numpy.int64 if given["integers"] else numpy.float64)
        for port, given in enumerate(case["inputs"])
    ]
    weights = {given["name"]: numbers(f"{i}.weight.{given['name']}", given["shape"]) for given in case["weights"]}
    output = run(case["name"], case["arguments"], case["forward"], inputs, weights)
    output.detach().numpy().tofile(folder / f"{i}.output")
