"""Stability by numpy and scipy, for test_convergence.cpp: reads FOLDER/series.json, writes FOLDER/answers.json."""

import json
import sys
from pathlib import Path

import numpy
from scipy import stats

folder = Path(sys.argv[1])
answers = []
for series in json.loads((folder / "series.json").read_text()):
    x, y = numpy.array(series["epochs"]), numpy.array(series["values"])
    tail = x > x[-1] * 2 / 3
    slope, intercept = numpy.polyfit(x[tail], y[tail], 1)
    left = y[tail] - (slope * x[tail] + intercept)
    spikes = []
    for i in range(10, len(y) - 10):
        around = y[i - 10 : i + 11]
        median = numpy.median(around)
        deviation = stats.median_abs_deviation(around, scale="normal")
        # scipy's factor has more digits than the literature's 1.4826.
        if y[i] - median > 3.5 * deviation and y[i] - median > 0.1 * abs(median) and y[i] > median:
            spikes.append(i)
    groups = [i for i in spikes if i - 1 not in spikes]
    line = stats.linregress(series["gap_epochs"], series["gaps"])
    answers.append({
        "mean": y[tail].mean(),
        "deviation": float(numpy.sqrt((left**2).sum() / (tail.sum() - 2))),
        "slope": slope,
        "spikes": [float(x[i]) for i in groups],
        "gap_slope": line.slope,
        "trend": "steady" if abs(line.slope) <= 2 * line.stderr else "grows" if line.slope > 0 else "shrinks",
    })
(folder / "answers.json").write_text(json.dumps(answers))
