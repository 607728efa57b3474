#!/usr/bin/env python3
"""Title, author and date of predictions by language, as a table in Markdown.

    metadata.py [--least PAGES] CORPUS=PREDICTIONS.jsonl...

CORPUS is a folder with `truth.jsonl`. A value counts where it equals the gold after the normalisation of score.py;
brackets hold how many pages have a gold. Languages of fewer than PAGES pages (10) with a gold stand together as
"others". Only the standard library is needed.
"""

import argparse
from collections import Counter, defaultdict
from pathlib import Path

from score import META_FIELDS, load_jsonl, normalise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--least", type=int, default=10)
    parser.add_argument("runs", nargs="+", metavar="CORPUS=PREDICTIONS")
    arguments = parser.parse_args()
    print("| corpus | language | " + " | ".join(META_FIELDS) + " |")
    print("|---|---|" + "---:|" * len(META_FIELDS))
    for run in arguments.runs:
        corpus, predictions = run.split("=", 1)
        report(Path(corpus), load_jsonl(predictions), arguments.least)


def report(corpus, predictions, least):
    truths = load_jsonl(corpus / "truth.jsonl")
    found = {prediction["id"]: prediction for prediction in predictions}
    pages = Counter(truth["lang"] or "unknown" for truth in truths)
    groups = defaultdict(list)
    for truth in truths:
        language = truth["lang"] or "unknown"
        groups["all"].append(truth)
        groups[language if pages[language] >= least else "others"].append(truth)
    for language, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        cells = [rate(field, group, found) for field in META_FIELDS]
        print(f"| {corpus.name} | {language} | " + " | ".join(cells) + " |")


def rate(field, truths, found):
    """Share of the pages with a gold whose value is right, and how many those pages are."""
    golds = [truth for truth in truths if truth[field]]
    if not golds:
        return ""
    of = lambda truth: found.get(truth["id"], {}).get(field) or ""
    right = sum(normalise(field, truth[field]) == normalise(field, of(truth)) for truth in golds)
    return f"{right / len(golds):.3f} ({len(golds)})"


if __name__ == "__main__":
    main()
