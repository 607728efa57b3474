#!/usr/bin/env python3
"""Hold scores against the floors under which they must never fall.

    floors.py FLOORS.toml SCORES.json...

FLOORS.toml has a table for each corpus; a key is a measure of `score.py --json` (`f1_word`,
`without_leak` ...) or `type.KIND` for the word F1 of a page kind; the value is the least that is
accepted, or for `without_leak` the most. Floors are only ever raised, in a commit of their own or in
the one that earns them. A floor whose corpus or measure is missing is a failure, not a pass.
"""

import json
import sys
import tomllib
from pathlib import Path

LOWER_IS_BETTER = {"without_leak", "empty"}


def measured(report, key):
    """The value of a floor's key in a report of score.py, None where it has none."""
    if key.startswith("type."):
        return report.get("by_type", {}).get(key.removeprefix("type."), {}).get("f1_word")
    return report.get(key)


def failures(floors, reports):
    """One line for each floor that does not hold."""
    for corpus, keys in floors.items():
        for key, floor in keys.items():
            value = measured(reports.get(corpus, {}), key)
            if value is None:
                yield f"{corpus} {key}: not measured"
            elif value > floor if key in LOWER_IS_BETTER else value < floor:
                yield f"{corpus} {key}: {value:.4f}, the floor is {floor}"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    floors = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    reports = {}
    for path in map(Path, sys.argv[2:]):
        scores = json.loads(path.read_text(encoding="utf-8"))
        reports[scores["corpus"]] = next(iter(scores["systems"].values()))
    broken = list(failures(floors, reports))
    for line in broken:
        print(f"quality gate: {line}", file=sys.stderr)
    if broken:
        sys.exit(1)
    print(f"quality gate: {sum(map(len, floors.values()))} floors hold")


if __name__ == "__main__":
    main()
