"""Losses and their gradients by real PyTorch, for test_losses.cpp.

FOLDER/cases.json lists cases: a `name`, the `loss` (a function below), its `arguments`, and `inputs`, each a file of
plain numbers with `sizes`, `type` and `is_learned`. `<name>.expected` receives the loss and the gradient of each learned
input, flat, as float64.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
import torchvision

folder = Path(sys.argv[1])


def cross_entropy(scores, targets, weights=None, smoothing=0.0):
    return F.cross_entropy(scores, targets, weight=weights, label_smoothing=smoothing)


def nll(log_probabilities, targets, weights=None):
    return torch.nn.NLLLoss(weight=weights)(log_probabilities, targets)


def bce_with_logits(scores, targets):
    return torch.nn.BCEWithLogitsLoss()(scores, targets)


def bce(values, targets):
    return torch.nn.BCELoss()(values, targets)


def focal_of_two(scores, targets, gamma):
    """Two scores make a binary decision by their difference, for which torchvision has the loss."""
    return torchvision.ops.sigmoid_focal_loss(
        scores[:, 1] - scores[:, 0], targets.to(scores.dtype), alpha=-1, gamma=gamma, reduction="mean"
    )


def focal(scores, targets, weights=None, gamma=2.0):
    total = 0
    weight_sum = 0
    for row, target in zip(scores, targets):
        p = torch.exp(row[target]) / torch.exp(row).sum()
        weight = 1 if weights is None else weights[target]
        total = total - weight * (1 - p) ** gamma * torch.log(p)
        weight_sum = weight_sum + weight
    return total / weight_sum


def dice(scores, targets):
    probabilities = torch.softmax(scores, 1)
    total = 0
    for c in range(scores.shape[1]):
        p = probabilities[:, c]
        t = (targets == c).to(p.dtype)
        total = total + 2 * (p * t).sum() / (p.sum() + t.sum())
    return 1 - total / scores.shape[1]


def cross_entropy_dice(scores, targets, weights=None):
    return F.cross_entropy(scores, targets, weight=weights) + dice(scores, targets)


def mse(output, targets):
    return torch.nn.MSELoss()(output, targets)


def l1(output, targets):
    return torch.nn.L1Loss()(output, targets)


def huber(output, targets, delta):
    return torch.nn.HuberLoss(delta=delta)(output, targets)


def smooth_l1(output, targets, delta):
    return torch.nn.SmoothL1Loss(beta=delta)(output, targets)


def sparsity_l1(code):
    return code.abs().sum() / code.numel()


def sparsity_kl(code, rate):
    wanted = torch.distributions.Bernoulli(torch.tensor(rate, dtype=code.dtype))
    return torch.distributions.kl_divergence(wanted, torch.distributions.Bernoulli(code.mean(0))).sum()


def variational(mean, log_var):
    code = torch.distributions.Normal(mean, torch.exp(log_var / 2))
    return torch.distributions.kl_divergence(code, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()


def discriminator(real, fake, kind, real_label):
    if kind == "non_saturating":
        ones = torch.full_like(real, real_label)
        return F.binary_cross_entropy_with_logits(real, ones) + F.binary_cross_entropy_with_logits(
            fake, torch.zeros_like(fake)
        )
    if kind == "least_squares":
        return (F.mse_loss(real, torch.full_like(real, real_label)) + F.mse_loss(fake, torch.zeros_like(fake))) / 2
    if kind == "hinge":
        return torch.clamp(1 - real, min=0).mean() + torch.clamp(1 + fake, min=0).mean()
    return fake.mean() - real.mean()


def generator(fake, kind):
    if kind == "non_saturating":
        return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    if kind == "least_squares":
        return F.mse_loss(fake, torch.ones_like(fake)) / 2
    return -fake.mean()


def gradient_penalty(first, second, filters, real, fake, mix):
    """Of the critic second·tanh(first·leaky(filters ∗ x)), sample by sample."""
    total = 0
    for r, f, m in zip(real, fake, mix):
        x = (m * r + (1 - m) * f).detach().requires_grad_()
        hidden = F.leaky_relu(F.conv2d(x[None], filters, stride=2), 0.2).flatten(1)
        score = torch.tanh(hidden @ first.T) @ second
        (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
        total = total + (slope.pow(2).sum().sqrt() - 1) ** 2
    return total / len(real)


def read(entry):
    values = numpy.fromfile(folder / entry["file"], dtype=entry["type"]).reshape(entry["sizes"])
    return torch.from_numpy(values).requires_grad_(entry["is_learned"])


for case in json.loads((folder / "cases.json").read_text()):
    inputs = [read(entry) for entry in case["inputs"]]
    loss = globals()[case["loss"]](*inputs, **case["arguments"])
    learned = [t for t in inputs if t.requires_grad]
    gradients = torch.autograd.grad(loss, learned)
    parts = [loss.detach().reshape(1)] + [g.reshape(-1) for g in gradients]
    torch.cat(parts).double().numpy().tofile(folder / (case["name"] + ".expected"))
