"""What sklearn says of the cases in FOLDER/cases.json, into FOLDER/answers.json: for tests of metrics.

A case has `task`, `true` and `given` (what a network gave), or `counts` (a confusion matrix), or `scores` and `labels` (0/1), or `scores` (samples×classes) and `labels`.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy
from sklearn import metrics

warnings.simplefilter("ignore")
folder = Path(sys.argv[1])


def of_confusion(counts):
    counts = numpy.array(counts)
    classes = list(range(len(counts)))
    true, predicted = [], []
    for row in classes:
        for column in range(counts.shape[1]):
            true += [row] * counts[row, column]
            predicted += [column] * counts[row, column]
    answer = {}
    for average in (None, "macro", "micro", "weighted"):
        parts = metrics.precision_recall_fscore_support(
            true, predicted, labels=classes, average=average, zero_division=0)
        answer[average or "classes"] = [numpy.asarray(part).tolist() for part in parts if part is not None]
    answer["accuracy"] = metrics.accuracy_score(true, predicted) if true else 0
    return answer


def of_two_classes(scores, labels):
    false_rate, true_rate, thresholds = metrics.roc_curve(labels, scores)
    precision, recall, levels = metrics.precision_recall_curve(labels, scores)
    return {
        "roc": [false_rate.tolist(), true_rate.tolist(), thresholds[1:].tolist()],
        "auc": metrics.roc_auc_score(labels, scores),
        "precision_recall": [recall[::-1].tolist(), precision[::-1].tolist(), levels[::-1].tolist()],
        "average_precision": metrics.average_precision_score(labels, scores),
    }


def of_many_classes(scores, labels):
    scores = numpy.array(scores)
    hot = numpy.eye(scores.shape[1])[labels]
    return {
        "macro_auc": metrics.roc_auc_score(labels, scores, multi_class="ovr", average="macro"),
        "macro_average_precision": metrics.average_precision_score(hot, scores, average="macro"),
        "aucs": [metrics.roc_auc_score(hot[:, i], scores[:, i]) for i in range(scores.shape[1])],
    }


def of_task(case):
    true = numpy.array(case["true"])
    if case["task"] == "regression":
        given = numpy.array(case["given"])
        return {
            "mae": metrics.mean_absolute_error(true, given),
            "rmse": metrics.mean_squared_error(true, given, squared=False),
            "r2": metrics.r2_score(true, given),
        }
    if case["task"] == "segmentation":
        given = numpy.array(case["given"])
        return {"miou": metrics.jaccard_score(true, given, average="macro"),
                "accuracy": metrics.accuracy_score(true, given)}
    scores = numpy.array(case["given"])  # samples×classes
    classes = range(scores.shape[1])
    shares = numpy.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    answer = {"accuracy": metrics.accuracy_score(true, scores.argmax(1)),
              "loss": metrics.log_loss(true, shares, labels=list(classes))}
    if len(classes) > 5:
        answer["top_5"] = metrics.top_k_accuracy_score(true, scores, k=5, labels=list(classes))
    answer["perplexity"] = float(numpy.exp(answer["loss"]))
    return answer


answers = []
for case in json.loads((folder / "cases.json").read_text()):
    if "task" in case:
        answers.append(of_task(case))
    elif "counts" in case:
        answers.append(of_confusion(case["counts"]))
    elif isinstance(case["scores"][0], list):
        answers.append(of_many_classes(case["scores"], case["labels"]))
    else:
        answers.append(of_two_classes(case["scores"], case["labels"]))
(folder / "answers.json").write_text(json.dumps(answers))
