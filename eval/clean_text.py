#!/usr/bin/env python3
"""How many words the extractor loses of texts that are all article.

    clean_text.py CORPUS PREDICTIONS.jsonl [--most SHARE] [--worst N]

PREDICTIONS.jsonl is what `evaluate CORPUS --gold` writes: the gold texts themselves were the input. Words are
lower-cased `\\w+` tokens, counted as a bag; only articles count. Exits with 1 where more than SHARE of all words
are missing. Only the standard library is needed.
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

WORD = re.compile(r"\w+")


def words(text):
    return Counter(WORD.findall((text or "").lower()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--most", type=float, default=1.0)
    parser.add_argument("--worst", type=int, default=0)
    arguments = parser.parse_args()
    with open(arguments.corpus / "truth.jsonl", encoding="utf-8") as lines:
        truths = {truth["id"]: truth for truth in map(json.loads, lines)}
    losses = []
    with open(arguments.predictions, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            truth = truths[row["id"]]
            if truth["page_type"] == "article" and truth["text"]:
                # A first line that is read as the headline is not lost.
                gold, kept = words(truth["text"]), words(row["text"]) + words(row["title"])
                losses.append(((gold - kept).total(), gold.total(), row["id"]))
    lost, all_words = sum(loss[0] for loss in losses), sum(loss[1] for loss in losses)
    whole = sum(loss[0] == 0 for loss in losses)
    print(f"{lost} of {all_words} words lost ({lost / all_words:.2%}); {whole} of {len(losses)} texts whole")
    for missing, size, name in sorted(losses, key=lambda loss: loss[0] / loss[1], reverse=True)[: arguments.worst]:
        print(f"  {name}: {missing} of {size}")
    sys.exit(1 if lost > arguments.most * all_words else 0)


if __name__ == "__main__":
    main()
