"""Attention's weights in real PyTorch, for test_attention_weights.cpp.

FOLDER/case.json holds `shape` (B×T×E), `lengths`, `heads`, `is_causal`, `norm_first`, `width`, `hidden` and the shapes of
`weights` by name; numbers lie in double precision in the files `input` and `weight.NAME`. The network is attention1
(MultiheadAttention), encoder1 (TransformerEncoderLayer) and pooling1 (AdditiveAttention), one after the other; the
weights that each gives are written to the files of these names.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

folder = Path(sys.argv[1])
torch.set_default_dtype(torch.float64)
case = json.loads((folder / "case.json").read_text())


def numbers(file, shape):
    return torch.from_numpy(numpy.fromfile(folder / file, numpy.float64)).reshape(shape)


def loaded(module, layer):
    prefix = layer + "."
    state = {
        name.removeprefix(prefix): numbers("weight." + name, shape)
        for name, shape in case["weights"].items()
        if name.startswith(prefix)
    }
    module.load_state_dict(state, strict=True)
    return module.eval()


class Additive(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.proj = nn.Linear(features, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)


features = case["shape"][2]
steps = case["shape"][1]
x = numbers("input", case["shape"])
padding = torch.arange(steps)[None, :] >= torch.tensor(case["lengths"])[:, None]
later = torch.ones(steps, steps, dtype=torch.bool).triu(1) if case["is_causal"] else None

first = loaded(nn.MultiheadAttention(features, case["heads"], batch_first=True), "attention1")
x, weights = first(x, x, x, key_padding_mask=padding, attn_mask=later, average_attn_weights=False)
weights.detach().numpy().tofile(folder / "attention1")

second = loaded(
    nn.TransformerEncoderLayer(
        features, case["heads"], case["width"], batch_first=True, norm_first=case["norm_first"]
    ),
    "encoder1",
)
seen = second.norm1(x) if case["norm_first"] else x
_, weights = second.self_attn(seen, seen, seen, key_padding_mask=padding, average_attn_weights=False)
weights.detach().numpy().tofile(folder / "encoder1")
# PyTorch's fast path hands padded steps back as zeros, and takes none that needs gradients.
x = second(x.requires_grad_(), src_key_padding_mask=padding)

third = loaded(Additive(features, case["hidden"]), "pooling1")
scores = third.score(torch.tanh(third.proj(x)))[..., 0]
torch.softmax(scores.masked_fill(padding, -torch.inf), 1).detach().numpy().tofile(folder / "pooling1")
