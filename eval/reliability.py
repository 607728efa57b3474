#!/usr/bin/env python3
"""Does the confidence hold? Expected against actual word F1, in ten bins.

    reliability.py CORPUS PREDICTIONS.jsonl [CORPUS PREDICTIONS.jsonl ...] [--fit]

Each line of a predictions file has `id`, `text` and `confidence` (the `evaluate` example writes them);
pages without a gold text or a confidence are left out. Give predictions of pages that the model was not
trained on, or the table flatters. `--fit` also prints, over all corpora given, the mean actual word F1
around each knot of the extractor's calibration (src/extract/select.rs); it wants predictions whose
confidence is not calibrated yet. Only the standard library is needed.
"""

import sys
from pathlib import Path

import score

BINS = 10
KNOTS = (0.3, 0.6, 0.75, 0.85, 0.9, 0.95, 0.98, 1.0)


def pairs(corpus, predictions):
    """(expected, actual) word F1 of the pages with a gold text."""
    truths = {truth["id"]: truth for truth in score.load_jsonl(corpus / "truth.jsonl")}
    found = []
    for row in score.load_jsonl(predictions):
        words = score.score_page(truths[row["id"]], row["text"]).words
        if words and words.gold and row["confidence"] is not None:
            found.append((row["confidence"], words.f1))
    return found


def mean(values):
    return sum(values) / len(values)


def print_table(name, found):
    print(f"\n| {name}: expected | pages | mean expected | mean actual |\n|---|---:|---:|---:|")
    for index in range(BINS):
        low, high = index / BINS, (index + 1) / BINS
        inside = [pair for pair in found if low <= pair[0] < high or index == BINS - 1 and pair[0] == high]
        if inside:
            expected, actual = (mean(column) for column in zip(*inside))
            print(f"| {low:.1f}-{high:.1f} | {len(inside)} | {expected:.3f} | {actual:.3f} |")
    expected, actual = (mean(column) for column in zip(*found))
    print(f"| all | {len(found)} | {expected:.3f} | {actual:.3f} |")


def fitted(found):
    """By least squares, the value at each knot of the broken line from expected to actual."""
    rows = [(hat(expected), actual) for expected, actual in found]
    size = len(KNOTS)
    matrix = [[sum(row[i] * row[j] for row, _ in rows) + (1e-6 if i == j else 0) for j in range(size)] for i in range(size)]
    right = [sum(row[i] * actual for row, actual in rows) for i in range(size)]
    return solve(matrix, right)


def hat(expected):
    """How much each knot counts for an expectation: linear between the two around it."""
    weights = [0.0] * len(KNOTS)
    if expected <= KNOTS[0]:
        weights[0] = 1.0
        return weights
    for index in range(1, len(KNOTS)):
        low, high = KNOTS[index - 1], KNOTS[index]
        if expected <= high:
            weights[index] = (expected - low) / (high - low)
            weights[index - 1] = 1 - weights[index]
            return weights
    weights[-1] = 1.0
    return weights


def solve(matrix, right):
    """Gauss's elimination with pivots."""
    rows = [row + [value] for row, value in zip(matrix, right)]
    for column in range(len(rows)):
        pivot = max(range(column, len(rows)), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for other in range(len(rows)):
            if other != column:
                factor = rows[other][column] / rows[column][column]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[column])]
    return [row[-1] / row[index] for index, row in enumerate(rows)]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--fit"]
    if not arguments or len(arguments) % 2:
        sys.exit(__doc__)
    together = []
    for corpus, predictions in zip(arguments[::2], arguments[1::2]):
        found = pairs(Path(corpus), Path(predictions))
        if found:
            print_table(Path(corpus).name, found)
        together += found
    if "--fit" in sys.argv:
        print("\nknots: " + ", ".join(f"({knot}, {value:.3f})" for knot, value in zip(KNOTS, fitted(together))))


if __name__ == "__main__":
    main()
