#!/usr/bin/env python3
"""What the leaks are: leaked tokens per 1,000 gold tokens, by kind.

    leaks.py [--type PAGE_TYPE] [--show KIND] CORPUS=HEARD.jsonl...

HEARD is what `cargo run --release --example evaluate -- CORPUS --heard` wrote. A *leaked token* is one of
a kept block that does not stand in the gold (gold.py). Its kind is that of the proposal against its block
that tells most, whoever outweighed it; else that of the first phrase in the block; else that of the
nearest kept neighbour within three blocks that leaks too and has a kind (a pitch goes on behind its
first line); else `unclassified`, apart for prose and for lines. Where a corpus has no gold text, its `without` strings that
stand in kept blocks are counted, per 100 of them, by the kind of their block.

`--type` reads pages of one type alone; `--show` prints the leaking blocks of a kind. Only the standard
library is needed.
"""

import argparse
from collections import Counter
from pathlib import Path

import gold

REACH = 3
PROSE_CHARS = 66
SHOWN = 0.005
"""Least sum of a kind's rates that has a row."""
STOPS = (".", "!", "?", "…", "。", "！", "？")
FAMILIES = {"phrase": 4, "after": 3, "box": 3, "word": 2, "role": 1, "links": 1}
"""How much the family of a rule tells of the kind, as `decide.rs` ranks them."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heard", nargs="+", metavar="CORPUS=HEARD")
    parser.add_argument("--type")
    parser.add_argument("--show")
    arguments = parser.parse_args()
    tables = {}
    for pair in arguments.heard:
        corpus, heard = pair.split("=", 1)
        table = tables[Path(corpus).name] = Table()
        for truth, blocks in gold.pages(corpus, heard):
            if arguments.type in (None, truth.get("page_type") or "article"):
                table.add(truth, blocks, arguments.show)
    report(tables)


class Table:
    """Leaks of one corpus by kind: tokens per 1,000 gold tokens, or strings per 100."""

    def __init__(self):
        self.leaked = Counter()
        self.whole = 0
        self.per = 1_000

    def add(self, truth, blocks, show):
        if truth.get("text") is None:
            self.per = 100
            strings = [gold.squeezed(string) for string in truth.get("without") or []]
            self.whole += len(strings)
            leaks = [sum(string in gold.squeezed(block["text"]) for string in strings) for block in blocks]
        else:
            self.whole += len(gold.tokens(truth["text"]))
            leaks = [len(part) - sum(part) for part in gold.covered(truth["text"], blocks)]
        leaks = [count if block["removed"] is None else 0 for block, count in zip(blocks, leaks)]
        for index, count in enumerate(leaks):
            if count:
                kind = kind_of(blocks, leaks, index)
                self.leaked[kind] += count
                if show == kind:
                    print(f"{truth['id']} {count:4}  {blocks[index]['text'][:150]}")

    def rate(self, kind=None):
        leaked = self.leaked[kind] if kind else sum(self.leaked.values())
        return self.per * leaked / max(1, self.whole)


def kind_of(blocks, leaks, index):
    kind = own_kind(blocks[index])
    if kind:
        return kind
    by_distance = (index + step * side for step in range(1, REACH + 1) for side in (-1, 1))
    for near in by_distance:
        kind = 0 <= near < len(blocks) and leaks[near] and own_kind(blocks[near])
        if kind:
            return kind
    text = blocks[index]["text"]
    is_prose = len(text) >= PROSE_CHARS and text.rstrip("\"'”’»)").endswith(STOPS)
    return "unclassified prose" if is_prose else "unclassified line"


def own_kind(block):
    if block["proposed"]:
        return max(block["proposed"], key=lambda finding: FAMILIES.get(finding[1].split(":")[0], 0))[0]
    return block["phrases"][0]["kind"] if block["phrases"] else None


def report(tables):
    kinds = Counter()
    for table in tables.values():
        kinds.update({kind: table.rate(kind) for kind in table.leaked})
    print(f"{'kind':28}" + "".join(f"{name:>12}" for name in tables))
    for kind in (kind for kind, rate in kinds.most_common() if rate >= SHOWN):
        print(f"{kind:28}" + "".join(f"{table.rate(kind):12.2f}" for table in tables.values()))
    print(f"{'all':28}" + "".join(f"{table.rate():12.2f}" for table in tables.values()))
    for name, table in tables.items():
        print(f"{name}: per {table.per:,} of {table.whole:,} {'gold tokens' if table.per == 1_000 else '`without` strings'}")


if __name__ == "__main__":
    main()
