"""Adversarial training steps of two small nets by real PyTorch, for test_adversarial.cpp.

FOLDER/plan.json says the loss and its settings, how many steps, and the sizes of `batch` (steps × B × 2) and of the
weights (`G.fc1.weight`, ...), plain float32 files. LibTorch and torch draw the same numbers from the same seed, so each
step begins with manual_seed(1000 + step) and draws in the engine's order: latent, noise on real, noise on generated,
the penalty's mix, noise on generated for the generator. Afterwards each `<weight>.after` is written, and `figures`: the
last step's d_loss, D(real), D(fake), d_gradient, g_loss, g_gradient (NaN where there was no such step).
"""

import json
import math
import sys
from pathlib import Path

import numpy
import torch
from torch import nn

folder = Path(sys.argv[1])
plan = json.loads((folder / "plan.json").read_text())
torch.set_num_threads(1)
dtype = torch.float32


def linear(name):
    weight = read(f"{name}.weight")
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data.copy_(weight)
    layer.bias.data.copy_(read(f"{name}.bias"))
    return layer


def read(name):
    sizes = plan["sizes"][name]
    return torch.from_numpy(numpy.fromfile(folder / name, dtype="float32").reshape(sizes))


G = nn.Sequential(linear("G.fc1"), nn.Tanh(), linear("G.fc2"))
D = nn.Sequential(linear("D.fc1"), nn.LeakyReLU(0.2), linear("D.fc2"))
g_optimiser = torch.optim.Adam(G.parameters(), lr=0.01, betas=(0.5, 0.9))
d_optimiser = torch.optim.SGD(D.parameters(), lr=0.05, momentum=0.5)
bce = nn.BCEWithLogitsLoss()
loss_kind = plan["loss"]


def noisy(x, level):
    return x + level * torch.randn_like(x) if level > 0 else x


def d_loss_of(real, fake):
    if loss_kind == "non_saturating":
        return bce(real, torch.full_like(real, plan["real_label"])) + bce(fake, torch.zeros_like(fake))
    if loss_kind == "least_squares":
        return ((real - plan["real_label"]) ** 2).mean() / 2 + (fake**2).mean() / 2
    if loss_kind == "hinge":
        return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()
    return fake.mean() - real.mean()


def g_loss_of(fake):
    if loss_kind == "non_saturating":
        return bce(fake, torch.ones_like(fake))
    if loss_kind == "least_squares":
        return ((fake - 1) ** 2).mean() / 2
    return -fake.mean()


def verdict(scores):
    if loss_kind == "non_saturating":
        return torch.sigmoid(scores)
    if loss_kind == "least_squares":
        return scores.clamp(0, 1)
    if loss_kind == "hinge":
        return ((1 + scores) / 2).clamp(0, 1)
    return scores


def norm_of(net):
    return math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in net.parameters()))


batches = read("batch")
for step, x in enumerate(batches):
    torch.manual_seed(1000 + step)
    level = plan["instance_noise"] * (1 - step / plan["all_steps"])
    z = torch.randn(len(x), G[0].in_features)
    fake = G(z)

    d_optimiser.zero_grad()
    real_scores = D(noisy(x, level))
    fake_scores = D(noisy(fake.detach(), level))
    d_loss = d_loss_of(real_scores, fake_scores)
    if loss_kind == "wasserstein_gp":
        mix = torch.rand(len(x)).view(-1, 1)
        between = (mix * x + (1 - mix) * fake.detach()).requires_grad_()
        slopes = torch.autograd.grad(D(between).sum(), between, create_graph=True)[0]
        d_loss = d_loss + plan["gradient_penalty"] * ((slopes.norm(dim=1) - 1) ** 2).mean()
    d_loss.backward()
    d_gradient = norm_of(D)
    figures = [d_loss.item(), verdict(real_scores).mean().item(), verdict(fake_scores).mean().item(), d_gradient]
    d_optimiser.step()

    if (step + 1) % plan["discriminator_steps"]:
        figures += [math.nan, math.nan]
        continue
    g_optimiser.zero_grad()
    g_loss = g_loss_of(D(noisy(fake, level)))
    g_loss.backward()
    figures += [g_loss.item(), norm_of(G)]
    g_optimiser.step()

numpy.array(figures).tofile(folder / "figures")
for side, net in (("G", G), ("D", D)):
    for index, name in ((0, "fc1"), (2, "fc2")):
        for part in ("weight", "bias"):
            getattr(net[index], part).detach().numpy().tofile(folder / f"{side}.{name}.{part}.after")
