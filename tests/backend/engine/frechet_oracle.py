"""Fréchet distances by numpy alone, for test_frechet.cpp.

FOLDER/cases.json lists pairs of files of plain float64 features with their sizes; `expected` receives the distances.
The trace of (Σ₁Σ₂)^½ comes from the eigenvalues of the product itself, which isn't symmetric.
"""

import json
import sys
from pathlib import Path

import numpy

folder = Path(sys.argv[1])


def statistics(entry):
    features = numpy.fromfile(folder / entry["file"]).reshape(entry["sizes"])
    return features.mean(axis=0), numpy.atleast_2d(numpy.cov(features, rowvar=False))


distances = []
for first, second in json.loads((folder / "cases.json").read_text()):
    (m1, c1), (m2, c2) = statistics(first), statistics(second)
    roots = numpy.sqrt(numpy.clip(numpy.linalg.eigvals(c1 @ c2).real, 0, None))
    distances.append(((m1 - m2) ** 2).sum() + numpy.trace(c1) + numpy.trace(c2) - 2 * roots.sum())
numpy.array(distances).tofile(folder / "expected")
