#!/usr/bin/env python3
"""Every template beside the same network, data and recipe in PyTorch, taking turns; a Markdown table.

    tests/benchmarks/compare_templates.py                        # all of them, as they are: hours
    tests/benchmarks/compare_templates.py lenet5 --epochs 1 --limit-samples 500

Run it on a machine that does nothing else. Seconds are those of all epochs, each with its evaluation on the validation
split; the result is on the test split, with the best epoch's weights. Where the whole test split is used, PyTorch
measures Netwright's weights as well, and must come to the same result. GANs are not trained with PyTorch: their
distance says something only beside the classifier that it is measured with, which is trained within the run.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = "/usr/bin/python3"
# Noise that tests are made under is drawn anew.
TOLERANCE = 0.001
COLUMNS = ("Template", "Data, samples", "Epochs", "Result", "Netwright", "PyTorch", "Netwright, s", "PyTorch, s")


class Comparison:
    def __init__(self, template, folder, options):
        self.options = options
        self.folder = folder
        self.template = template
        self.project = folder / f"{template}.netwright"
        self.engine("new", template, "-o", self.project)
        self.is_adversarial = json.loads(self.project.read_text())["recipe"]["task"] == "Adversarial"
        if not self.is_adversarial:
            report = json.loads(self.engine("datasets", self.project, "-o", folder / "data", "--json"))
            self.test_samples = report["splits"]["test"]["samples"]
            self.engine("export", self.project, "--to", "pytorch", "-o", folder / "net.py")

    def engine(self, *arguments):
        return self.run([self.options.engine, *arguments])

    def run(self, command):
        threads = str(self.options.threads)
        environment = dict(os.environ, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS="1")
        done = subprocess.run([str(part) for part in command], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} {command[1]} ended with {done.returncode}")
        return done.stdout

    def events(self, *command):
        return [json.loads(line) for line in self.run(command).splitlines()]

    def recipe_options(self, seed):
        arguments = ["--seed", seed, "--threads", self.options.threads]
        if self.options.epochs:
            arguments += ["--epochs", self.options.epochs]
        if self.options.limit_samples:
            arguments += ["--limit-samples", self.options.limit_samples]
        return arguments

    def pytorch(self, *arguments):
        return self.events(PYTHON, HERE / "train_with_pytorch.py", self.project, "--data", self.folder / "data",
                           "--code", self.folder / "net.py", *arguments)

    def check(self, events, run, seed):
        """PyTorch finds the same figures with Netwright's weights."""
        if events[0]["test_samples"] < self.test_samples:
            return
        weights = run / "checkpoints" / "best.safetensors"
        found = self.pytorch("--weights", weights, *self.recipe_options(seed))[-1]["test"]
        for name, value in events[-1]["test"].items():
            if abs(found[name] - value) > TOLERANCE * abs(value):
                raise RuntimeError(f"with Netwright's weights its {name} is {value}, PyTorch's {found[name]}")

    def row(self):
        seed = json.loads(self.project.read_text())["recipe"]["settings"]["seed"]
        ours, theirs = [], []
        for turn in range(self.options.rounds):
            run = self.folder / f"run{turn}"
            recipe = self.recipe_options(seed + turn)
            ours.append(self.events(self.options.engine, "train", self.project, "--json", "--fresh", "--run", run,
                                    *recipe))
            if not self.is_adversarial:
                theirs.append(self.pytorch(*recipe))
                self.check(ours[-1], run, seed + turn)
        begun = ours[0][0]
        figure = next(figure for figure in begun["figures"] if figure["name"] == begun["main_figure"])
        legend = json.loads((self.folder / "run0" / "data.json").read_text())
        epochs = len([event for event in ours[0] if event["event"] == "epoch"])
        return (self.template, f"{legend['name']}, {begun['train_samples']:,}", str(epochs), figure["title"],
                self.results(ours, figure), self.results(theirs, figure), self.seconds(ours), self.seconds(theirs))

    def results(self, runs, figure):
        return text_of([result_of(events, figure["name"], self.is_adversarial) for events in runs],
                       lambda value: f"{100 * value:.2f} %" if figure["is_share"] else f"{value:.4g}")

    def seconds(self, runs):
        return text_of([sum(event["seconds"] for event in events if event["event"] == "epoch") for events in runs],
                       lambda value: f"{value:.1f}")


def result_of(events, figure, is_adversarial):
    done = events[-1]
    # The best epoch of an adversarial run is known from the distance alone, which no test is left for.
    return done["best"] if is_adversarial else done["test"][figure]


def text_of(values, shown):
    if not values:
        return "–"
    if len(values) == 1:
        return shown(values[0])
    return f"{shown(statistics.mean(values))} ({shown(min(values))} to {shown(max(values))})"


def print_row(cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = sorted(path.stem for path in (ROOT / "resources" / "templates").glob("*.netwright") if path.stem != "empty")
    parser.add_argument("templates", nargs="*", help="names that `netwright-engine templates` lists; default: all")
    parser.add_argument("--engine", type=pathlib.Path, default=ROOT / "build" / "release" / "bin" / "netwright-engine")
    parser.add_argument("--epochs", type=int, help="default: each recipe's")
    parser.add_argument("--limit-samples", type=int, help="of each split")
    parser.add_argument("--rounds", type=int, default=1, help="how often each has its turn, each with its own seed")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()

    print_row(COLUMNS)
    print_row("---" if i < 4 else "---:" for i in range(len(COLUMNS)))
    failed = False
    for template in options.templates or every:
        with tempfile.TemporaryDirectory() as folder:
            try:
                print_row(Comparison(template, pathlib.Path(folder), options).row())
            except RuntimeError as error:
                failed = True
                print(f"{template}: {error}.", file=sys.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
