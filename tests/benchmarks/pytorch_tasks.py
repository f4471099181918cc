"""What each of Netwright's tasks learns and measures, in PyTorch's terms."""

import math

import torch
from torch.nn import functional as F


class NotCompared(Exception):
    """Something that the comparison doesn't know."""


def one_of(known, value, what):
    if value not in known:
        raise NotCompared(f"{what} “{value}” isn't compared")
    return value


class Task:
    """`run` gives the loss of a batch and sums over its samples; figures follow from the sums of many batches, of which
    the first two are the samples and their losses."""

    main = "loss"
    is_higher_better = False

    def run(self, model, inputs, targets):
        raise NotImplementedError

    def figures(self, sums):
        return {"loss": sums[1] / sums[0]}


def balanced_weights(targets, classes):
    counts = torch.bincount(targets.flatten(), minlength=classes)
    weights = targets.numel() / ((counts > 0).sum() * counts.clamp(min=1))
    return torch.where(counts > 0, weights, torch.ones_like(weights))


class Classification(Task):
    main = "accuracy"
    is_higher_better = True

    def __init__(self, settings, data):
        self.loss = one_of(("cross_entropy", "bce_with_logits", "nll"), settings["loss"], "The loss")
        self.smoothing = settings["label_smoothing"]
        is_balanced = settings["class_weights"] == "balanced" and self.loss != "bce_with_logits"
        self.weights = balanced_weights(data.train.targets, len(data.legend["classes"])) if is_balanced else None

    def run(self, model, inputs, targets):
        output = model(inputs)
        if self.loss == "bce_with_logits":
            right = ((output > 0) == (targets > 0.5)).double().mean(1).sum()
            return F.binary_cross_entropy_with_logits(output, targets), [right]
        right = (output.argmax(1) == targets).sum()
        if self.loss == "nll":
            return F.nll_loss(output, targets, self.weights), [right]
        return F.cross_entropy(output, targets, self.weights, label_smoothing=self.smoothing), [right]

    def figures(self, sums):
        return {"loss": sums[1] / sums[0], "accuracy": sums[2] / sums[0]}


class Segmentation(Task):
    main = "miou"
    is_higher_better = True

    def __init__(self, settings, data):
        self.loss = one_of(("cross_entropy", "dice", "cross_entropy_dice"), settings["loss"], "The loss")
        self.classes = len(data.legend["classes"])
        is_balanced = settings["class_weights"] == "balanced"
        self.weights = balanced_weights(data.train.targets, self.classes) if is_balanced else None

    def dice(self, output, targets):
        shares = output.softmax(1)
        truth = F.one_hot(targets, self.classes).permute(0, 3, 1, 2)
        over = (0, 2, 3)
        return 1 - (2 * (shares * truth).sum(over) / (shares.sum(over) + truth.sum(over))).mean()

    def run(self, model, inputs, targets):
        output = model(inputs)
        loss = 0
        if self.loss != "dice":
            loss = loss + F.cross_entropy(output, targets, self.weights)
        if self.loss != "cross_entropy":
            loss = loss + self.dice(output, targets)
        pairs = torch.bincount((targets * self.classes + output.argmax(1)).flatten(), minlength=self.classes**2)
        return loss, list(pairs)

    def figures(self, sums):
        confusion = torch.tensor(sums[2:]).reshape(self.classes, self.classes)
        right = confusion.diag()
        either = confusion.sum(0) + confusion.sum(1) - right
        overlaps = (right / either)[either > 0]
        return {"loss": sums[1] / sums[0], "miou": overlaps.mean().item(),
                "accuracy": (right.sum() / confusion.sum()).item()}


class Regression(Task):
    main = "mae"

    def __init__(self, settings, data):
        losses = {"mse": F.mse_loss, "l1": F.l1_loss,
                  "huber": lambda output, targets: F.huber_loss(output, targets, delta=settings["delta"]),
                  "smooth_l1": lambda output, targets: F.smooth_l1_loss(output, targets, beta=settings["delta"])}
        self.loss = losses[one_of(losses, settings["loss"], "The loss")]
        by = data.legend["target_normalisation"]
        self.mean, self.deviation = torch.tensor(by["mean"]), torch.tensor(by["deviation"])

    def run(self, model, inputs, targets):
        output = model(inputs)
        truth = targets * self.deviation + self.mean
        errors = (output.detach() * self.deviation + self.mean - truth).double()
        truth = truth.double()
        return self.loss(output, targets), [targets.numel(), errors.abs().sum(), errors.square().sum(), truth.sum(),
                                            truth.square().sum()]

    def figures(self, sums):
        numbers, absolute, squared, total, total_of_squares = sums[2:]
        return {"loss": sums[1] / sums[0], "mae": absolute / numbers, "rmse": math.sqrt(squared / numbers),
                "r2": 1 - squared / (total_of_squares - total**2 / numbers)}


class Reconstruction(Task):
    main = "error"

    def __init__(self, settings, data, model, exported):
        self.settings = settings
        self.loss = one_of(("mse", "bce"), settings["loss"], "The loss")
        one_of(("none", "gaussian", "masking", "salt_and_pepper"), settings["corruption"], "The corruption")
        one_of(("none", "l1", "kl"), settings["sparsity"], "The sparsity")
        by = data.legend["normalisation"]
        are_bytes = by["scale"] < 1
        self.low, self.high = ((light - by["mean"][0]) / by["deviation"][0] if are_bytes else light for light in (0, 1))
        self.seen = {}
        self.is_variational = hasattr(exported, "reparameterize")
        if self.is_variational:
            self.watch_draws(exported)
        if settings["sparsity"] != "none":
            code = model.get_submodule(settings["code_layer"])
            code.register_forward_hook(lambda module, given, made: self.seen.update(code=made))

    def watch_draws(self, exported):
        draw = exported.reparameterize

        def watched(mean, log_var, is_training):
            self.seen.update(mean=mean, log_var=log_var)
            return draw(mean, log_var, is_training)

        exported.reparameterize = watched

    def corrupted(self, inputs):
        kind, level = self.settings["corruption"], self.settings["corruption_level"]
        if kind == "none":
            return inputs
        if kind == "gaussian":
            return inputs + level * torch.randn_like(inputs)
        draw = torch.rand_like(inputs)
        if kind == "salt_and_pepper":
            return inputs.masked_fill(draw < level, self.high).masked_fill(draw < level / 2, self.low)
        return inputs.masked_fill(draw < level, self.low)

    def sparsity(self):
        code, rate = self.seen["code"], self.settings["sparsity_rate"]
        if self.settings["sparsity"] == "l1":
            return code.abs().mean()
        activity = code.flatten(1).mean(0).clamp(1e-6, 1 - 1e-6)
        return (rate * torch.log(rate / activity) + (1 - rate) * torch.log((1 - rate) / (1 - activity))).sum()

    def run(self, model, inputs, targets):
        output = model(self.corrupted(inputs))
        error = F.mse_loss(output, inputs) if self.loss == "mse" else F.binary_cross_entropy(output, inputs)
        loss, measured = error, [error.detach()]
        if self.is_variational:
            mean, log_var = self.seen["mean"], self.seen["log_var"]
            kl = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum(1).mean()
            # Per value of the input, as the error is.
            loss = loss + self.settings["beta"] * kl / inputs[0].numel()
            measured.append(kl.detach())
        if self.settings["sparsity"] != "none":
            penalty = self.sparsity()
            loss = loss + self.settings["sparsity_weight"] * penalty
            measured.append(penalty.detach())
        return loss, [len(inputs) * figure for figure in measured]

    def figures(self, sums):
        names = ["loss", "error"] + ["kl"] * self.is_variational + ["sparsity"] * (self.settings["sparsity"] != "none")
        return {name: total / sums[0] for name, total in zip(names, sums[1:])}


def task_of(recipe, data, model, exported):
    kind, settings = recipe["task"], recipe["task_settings"]
    if kind == "Classification":
        return Classification(settings, data)
    if kind == "Segmentation":
        return Segmentation(settings, data)
    if kind in ("Regression", "Forecast"):
        return Regression(settings, data)
    if kind == "Reconstruction":
        return Reconstruction(settings, data, model, exported)
    raise NotCompared(f"The task “{kind}” isn't compared")
