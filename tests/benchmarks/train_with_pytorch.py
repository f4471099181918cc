#!/usr/bin/env python3
"""Trains a project's network by its recipe as PyTorch does it: torch.optim, torch.optim.lr_scheduler, a plain loop.

    netwright-engine datasets my.netwright -o data
    netwright-engine export my.netwright --to pytorch -o net.py
    train_with_pytorch.py my.netwright --data data --code net.py

Prints lines of JSON as netwright-engine does: {"event": "epoch", "seconds", "train", "held_out"} for each epoch, at
last {"event": "done", "test"} with the best epoch's weights. The data lie in memory as floats, normalised already.
With --weights it only tests those, such as the engine's own.
"""

import argparse
import copy
import importlib.util
import json
import pathlib
import sys
import time
import types

import numpy as np
import torch
from torch import nn
from torch.optim import lr_scheduler

import padded_sequences
from pytorch_tasks import NotCompared, task_of

SMALLEST_TEST_BATCH = 128
TEST_NOISE = 1
# Settings that aren't compared, and what they must be.
WITHOUT = {"accumulate": 1, "ema_decay": 0, "initialisation": "default", "mixed_precision": False}
NO_AUGMENTATION = ("rotation", "shift", "brightness", "noise", "erasing")


class Split:
    def __init__(self, folder, name, limit, generator):
        rows = None
        for part in ("inputs", "targets", "lengths"):
            path = folder / f"{name}_{part}.npy"
            values = torch.from_numpy(np.load(path)) if path.exists() else None
            if values is not None and limit and limit < len(values):
                if rows is None:
                    rows = torch.randperm(len(values), generator=generator)[:limit]
                values = values[rows]
            setattr(self, part, values)

    def __len__(self):
        return 0 if self.inputs is None else len(self.inputs)

    def batch(self, rows):
        return [None if part is None else part[rows] for part in (self.inputs, self.targets, self.lengths)]


def read_data(folder, limit, seed):
    generator = torch.Generator().manual_seed(seed)
    data = types.SimpleNamespace(legend=json.loads((folder / "data.json").read_text()))
    for name in ("train", "validation", "test"):
        setattr(data, name, Split(folder, name, limit, generator))
    return data


def import_code(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def network_of(exported):
    """The network's class comes after those that it uses."""
    return [value for value in vars(exported).values()
            if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == "exported"][-1]


class Augmentation:
    """Flips, and crops out of a picture with a margin of black, a whole batch at once."""

    def __init__(self, preparation, legend, has_masks):
        self.flip = preparation.get("flip", "none")
        self.margin = preparation.get("crop_padding", 0)
        changed = [name for name in NO_AUGMENTATION if preparation.get(name, 0) != 0]
        if changed or (has_masks and not self.is_idle()):
            raise NotCompared(f"Augmentation by {changed or 'moving masks'} isn't compared")
        by = legend["normalisation"]
        self.black = (-torch.tensor(by["mean"]) / torch.tensor(by["deviation"])).reshape(-1, 1, 1)

    def is_idle(self):
        return self.flip == "none" and self.margin == 0

    def __call__(self, pictures):
        if self.flip in ("horizontal", "both"):
            pictures = self.flipped(pictures, 3)
        if self.flip in ("vertical", "both"):
            pictures = self.flipped(pictures, 2)
        return self.cropped(pictures) if self.margin else pictures

    def flipped(self, pictures, axis):
        chosen = torch.rand(len(pictures), 1, 1, 1) < 0.5
        return torch.where(chosen, pictures.flip(axis), pictures)

    def cropped(self, pictures):
        count, channels, height, width = pictures.shape
        wide = nn.functional.pad(pictures - self.black, [self.margin] * 4) + self.black
        rows, columns = (torch.randint(2 * self.margin + 1, (count, 1)) + torch.arange(size)
                         for size in (height, width))
        return wide[torch.arange(count).reshape(-1, 1, 1, 1), torch.arange(channels).reshape(1, -1, 1, 1),
                    rows.reshape(count, 1, height, 1), columns.reshape(count, 1, 1, width)]


class Schedule:
    """A class of torch.optim.lr_scheduler, and a linear warm-up that its rates are multiplied by."""

    def __init__(self, choice, optimiser, steps_per_epoch, epochs):
        kind = choice.get("type", "Constant")
        settings = dict(choice.get("settings", {}))
        self.warmup = settings.pop("warmup_epochs", 0) * steps_per_epoch
        self.optimiser = optimiser
        self.steps = 0
        self.by_step = self.by_epoch = self.by_loss = None
        if kind in ("Step", "MultiStep", "Exponential"):
            self.by_epoch = getattr(lr_scheduler, f"{kind}LR")(optimiser, **settings)
        elif kind == "CosineAnnealing":
            epochs = settings.pop("T_max") or epochs
            self.by_step = lr_scheduler.CosineAnnealingLR(optimiser, T_max=epochs * steps_per_epoch, **settings)
        elif kind == "CosineAnnealingWarmRestarts":
            first = settings.pop("T_0") * steps_per_epoch
            self.by_step = lr_scheduler.CosineAnnealingWarmRestarts(optimiser, T_0=first, **settings)
        elif kind == "OneCycle":
            self.by_step = lr_scheduler.OneCycleLR(optimiser, max_lr=optimiser.param_groups[0]["lr"],
                                                   total_steps=steps_per_epoch * epochs, cycle_momentum=False,
                                                   **settings)
        elif kind == "ReduceOnPlateau":
            self.by_loss = lr_scheduler.ReduceLROnPlateau(optimiser, **settings)
        elif kind != "Constant":
            raise NotCompared(f"The schedule {kind} isn't compared")

    def step(self):
        """Steps the optimiser."""
        group = self.optimiser.param_groups[0]
        rate = group["lr"]
        self.steps += 1
        if self.steps < self.warmup:
            group["lr"] = rate * self.steps / self.warmup
        self.optimiser.step()
        group["lr"] = rate
        if self.by_step:
            self.by_step.step()

    def epoch_done(self, loss):
        if self.by_epoch:
            self.by_epoch.step()
        if self.by_loss:
            self.by_loss.step(loss)


class Sums:
    def __init__(self):
        self.totals = None

    def add(self, samples, loss, measured):
        sums = [float(value) for value in (samples, loss.detach() * samples, *measured)]
        self.totals = sums if self.totals is None else [a + b for a, b in zip(self.totals, sums)]


class Training:
    def __init__(self, project, data, exported, epochs):
        recipe = project["recipe"]
        self.settings = recipe["settings"]
        for name, value in WITHOUT.items():
            if self.settings.get(name, value) != value:
                raise NotCompared(f"{name} {self.settings[name]} isn't compared")
        self.data = data
        self.batch_size = self.settings["batch_size"]
        self.model = network_of(exported)()
        if data.train.lengths is not None:
            if unknown := padded_sequences.unknown_layer(self.model):
                raise NotCompared(f"The layer {unknown} isn't compared where sequences have padding")
            padded_sequences.teach(exported)
        last = list(self.model.modules())[-1]
        if recipe["task"] in ("Classification", "Segmentation") and isinstance(last, (nn.Softmax, nn.LogSoftmax)):
            raise NotCompared(f"A network that ends in {type(last).__name__} isn't compared")
        self.augmentation = Augmentation(project["data"].get("preparation", {}), data.legend,
                                         recipe["task"] == "Segmentation")
        self.task = task_of(recipe, data, self.model, exported)
        self.weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        optimiser = recipe["optimiser"]
        self.optimiser = getattr(torch.optim, optimiser["type"])(self.weights, **optimiser["settings"])
        steps = -(-len(data.train) // self.batch_size)
        self.schedule = Schedule(recipe.get("schedule", {}), self.optimiser, steps, epochs)

    def epoch(self):
        self.model.train()
        sums = Sums()
        for rows in torch.randperm(len(self.data.train)).split(self.batch_size):
            inputs, targets, lengths = self.data.train.batch(rows)
            if not self.augmentation.is_idle():
                inputs = self.augmentation(inputs)
            padded_sequences.set_lengths(lengths)
            self.optimiser.zero_grad()
            loss, measured = self.task.run(self.model, inputs, targets)
            self.penalised(loss).backward()
            self.clip()
            self.schedule.step()
            sums.add(len(inputs), loss, measured)
        return self.task.figures(sums.totals)

    def penalised(self, loss):
        for name, size in (("l1", torch.abs), ("l2", torch.square)):
            if strength := self.settings.get(name, 0):
                loss = loss + strength * sum(size(weight).sum() for weight in self.weights)
        return loss

    def clip(self):
        if value := self.settings.get("clip_value", 0):
            nn.utils.clip_grad_value_(self.weights, value)
        if norm := self.settings.get("clip_norm", 0):
            nn.utils.clip_grad_norm_(self.weights, norm)

    @torch.no_grad()
    def evaluate(self, split):
        self.model.eval()
        sums = Sums()
        with torch.random.fork_rng():
            torch.manual_seed(TEST_NOISE)
            for rows in torch.arange(len(split)).split(max(self.batch_size, SMALLEST_TEST_BATCH)):
                inputs, targets, lengths = split.batch(rows)
                padded_sequences.set_lengths(lengths)
                loss, measured = self.task.run(self.model, inputs, targets)
                sums.add(len(inputs), loss, measured)
        return self.task.figures(sums.totals)

    def judged(self, figures):
        """Less is better."""
        name = "loss" if self.settings.get("best_by") == "loss" else self.task.main
        return -figures[name] if name != "loss" and self.task.is_higher_better else figures[name]

    def run(self, epochs):
        data, patience = self.data, self.settings.get("patience", 0)
        best, best_epoch, best_weights = float("inf"), 0, None
        for epoch in range(1, epochs + 1):
            start = time.perf_counter()
            train = self.epoch()
            held_out = self.evaluate(data.validation if len(data.validation) else data.test)
            seconds = time.perf_counter() - start
            say(event="epoch", epoch=epoch, seconds=round(seconds, 3), train=train, held_out=held_out)
            self.schedule.epoch_done(held_out["loss"])
            if self.judged(held_out) < best:
                best, best_epoch = self.judged(held_out), epoch
                best_weights = copy.deepcopy(self.model.state_dict())
            if patience and epoch - best_epoch >= patience:
                break
        test = held_out
        if len(data.validation) and len(data.test) and best_weights:
            self.model.load_state_dict(best_weights)
            test = self.evaluate(data.test)
        say(event="done", test=test, best_epoch=best_epoch)


def say(**event):
    print(json.dumps(event), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder of arrays")
    parser.add_argument("--code", type=pathlib.Path, required=True, help="the exported network")
    parser.add_argument("--weights", type=pathlib.Path, help="a safetensors file to test")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit-samples", type=int, default=0)
    options = parser.parse_args()

    project = json.loads(options.project.read_text())
    settings = project["recipe"]["settings"]
    epochs = options.epochs or settings["epochs"]
    seed = settings["seed"] if options.seed is None else options.seed
    torch.set_num_threads(options.threads)
    torch.manual_seed(seed)
    try:
        data = read_data(options.data, options.limit_samples, seed)
        exported = import_code(options.code)
        training = Training(project, data, exported, epochs)
        if options.weights:
            exported.load_weights(training.model, options.weights)
            say(event="done", test=training.evaluate(data.test))
        else:
            training.run(epochs)
    except NotCompared as what:
        sys.exit(f"{options.project}: {what}.")


if __name__ == "__main__":
    main()
