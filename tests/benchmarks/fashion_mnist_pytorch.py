#!/usr/bin/env python3
"""Trains the Fashion-MNIST CNN template's network as a PyTorch user would write it: a Dataset, a DataLoader, a loop.

Prints one JSON object per epoch: {"epoch", "seconds", "train_loss", "test_accuracy"}.
"""

import argparse
import gzip
import json
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

FOLDER = "/usr/share/datasets/fashion-mnist"


def read_idx(path):
    """The IDX format: two zero bytes, a type (8 is uint8), the rank, big-endian sizes, the data."""
    with gzip.open(path) as file:
        content = file.read()
    rank = content[3]
    sizes = np.frombuffer(content, ">u4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(sizes)


class FashionMnist(Dataset):
    def __init__(self, folder, stem, mean=None, deviation=None):
        self.images = read_idx(f"{folder}/{stem}-images-idx3-ubyte.gz")
        self.labels = read_idx(f"{folder}/{stem}-labels-idx1-ubyte.gz")
        self.mean = self.images.mean() / 255 if mean is None else mean
        self.deviation = self.images.std() / 255 if deviation is None else deviation

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = torch.from_numpy(self.images[index].copy()).unsqueeze(0).float().div_(255)
        return image.sub_(self.mean).div_(self.deviation), int(self.labels[index])


def make_model(dropout):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Dropout(dropout), nn.Linear(128, 10),
    )


def evaluate(model, loader, device):
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            correct += (model(images).argmax(1) == labels).sum().item()
    return correct / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="the DataLoader's worker processes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--data", default=FOLDER)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    train = FashionMnist(options.data, "train")
    test = FashionMnist(options.data, "t10k", train.mean, train.deviation)
    keep = options.workers > 0
    train_loader = DataLoader(train, options.batch_size, shuffle=True, num_workers=options.workers, persistent_workers=keep)
    test_loader = DataLoader(test, 512, num_workers=options.workers, persistent_workers=keep)

    model = make_model(options.dropout).to(options.device)
    optimiser = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        model.train()
        total = 0.0
        for images, labels in train_loader:
            images, labels = images.to(options.device), labels.to(options.device)
            optimiser.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(labels)
        accuracy = evaluate(model, test_loader, options.device)
        seconds = time.perf_counter() - start
        print(json.dumps({"epoch": epoch, "seconds": round(seconds, 3), "train_loss": round(total / len(train), 5),
                          "test_accuracy": accuracy}), flush=True)


if __name__ == "__main__":
    main()
