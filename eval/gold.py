"""Which blocks of a page are gold: aligned with the corpus's text, or with the strings that must be there.

Only the standard library is needed.
"""

import json
import re
import sys
from pathlib import Path

TOKEN = re.compile(r"[\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff]+")
"""A word; of scripts without spaces a character."""
RUN = 4
"""Tokens that must stand in the gold in the same order, across the borders of blocks too."""
COVER = 0.7
"""Share of a block's tokens in such runs from which the block is gold."""


def tokens(text):
    return TOKEN.findall(text.lower())


def pages(corpus, heard):
    """Truth and blocks of each page of `evaluate CORPUS --heard > HEARD`, without empty ones."""
    with open(Path(corpus) / "truth.jsonl", encoding="utf-8") as lines:
        truths = {truth["id"]: truth for truth in map(json.loads, lines)}
    with open(heard, encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            if page.get("heard") is None:
                sys.exit(f"{heard}: written without --heard")
            if page["heard"]:
                yield truths[page["id"]], page["heard"]


def shares(truth, blocks):
    """Share of each block that is gold, 0 to 1; by the strings alone where there is no gold text."""
    if truth.get("text") is None:
        return [float(has_string(block["text"], truth.get("with") or [])) for block in blocks]
    return [sum(part) / len(part) if part else 0.0 for part in covered(truth["text"], blocks)]


def covered(gold, blocks):
    """For each block, whether each of its tokens stands in the gold."""
    gold_tokens = tokens(gold)
    runs = {tuple(gold_tokens[i : i + RUN]) for i in range(max(1, len(gold_tokens) - RUN + 1))}
    lines = {tuple(tokens(line)) for line in gold.split("\n")}
    parts = [tokens(block["text"]) for block in blocks]
    page = [token for part in parts for token in part]
    is_covered = [False] * len(page)
    for i in range(max(1, len(page) - RUN + 1)):
        if tuple(page[i : i + RUN]) in runs:
            is_covered[i : i + RUN] = [True] * len(page[i : i + RUN])
    result, at = [], 0
    for part in parts:
        is_line = len(part) < RUN and tuple(part) in lines
        result.append([True] * len(part) if is_line else is_covered[at : at + len(part)])
        at += len(part)
    return result


def has_string(text, strings):
    text = " ".join(text.split())
    return any(string in text or len(text) >= 20 and text in string for string in map(squeezed, strings))


def squeezed(text):
    return " ".join(text.split())
