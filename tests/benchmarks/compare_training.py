#!/usr/bin/env python3
"""netwright-engine beside an idiomatic PyTorch script: same network, data, recipe and threads, taking turns.

    tests/benchmarks/compare_training.py --engine build/bin/netwright-engine --epochs 3 --rounds 2

Run it on a machine that does nothing else. Both times of an epoch include the evaluation on the test images.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1] / "resources" / "templates" / "fashion_mnist_cnn.netwright"


def recipe():
    project = json.loads(PROJECT.read_text())
    layers = project["networks"][0]["layers"]
    dropout = next((layer["settings"]["p"] for layer in layers if layer["type"] == "Dropout"), 0.0)
    recipe = project["recipe"]
    return recipe["settings"]["batch_size"], recipe["optimiser"]["settings"]["lr"], dropout


def run(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1")
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_netwright(options, seed):
    with tempfile.TemporaryDirectory() as folder:
        events = run([options.engine, "train", str(PROJECT), "--run", f"{folder}/run", "--epochs", str(options.epochs),
                      "--seed", str(seed), "--threads", str(options.threads), "--json"], options.threads)
    return [event for event in events if event["event"] == "epoch"]


def run_pytorch(options, seed):
    batch_size, learning_rate, dropout = recipe()
    return run(["/usr/bin/python3", str(HERE / "fashion_mnist_pytorch.py"), "--epochs", str(options.epochs), "--seed", str(seed),
                "--threads", str(options.threads), "--workers", str(options.workers), "--batch-size", str(batch_size),
                "--learning-rate", str(learning_rate), "--dropout", str(dropout)], options.threads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="build/bin/netwright-engine")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2, help="how often each has its turn, with another seed each time")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--workers", type=int, default=0,
                        help="the DataLoader's worker processes; 0 was the fastest on two cores")
    options = parser.parse_args()

    results = {"netwright-engine": [], "PyTorch": []}
    for seed in range(1, options.rounds + 1):
        results["netwright-engine"].append(run_netwright(options, seed))
        results["PyTorch"].append(run_pytorch(options, seed))

    print(f"{'':18}{'epochs':>8}{'s/epoch (median)':>18}{'fastest':>10}{'test accuracy, each run':>28}")
    median = {}
    for name, runs in results.items():
        seconds = [epoch["seconds"] for epochs in runs for epoch in epochs]
        accuracies = ", ".join(f"{epochs[-1]['test_accuracy']:.2%}" for epochs in runs)
        median[name] = statistics.median(seconds)
        print(f"{name:18}{options.epochs:>8}{median[name]:>18.2f}{min(seconds):>10.2f}{accuracies:>28}")
    print(f"netwright-engine is {median['PyTorch'] / median['netwright-engine']:.2f} times as fast.")


if __name__ == "__main__":
    main()
