#!/usr/bin/env python3
"""How much of what is left out among articles has no kind.

    unclassified.py [--show] [--all] [--most SHARE] CORPUS=EXPLAINED.jsonl...

EXPLAINED is what `cargo run --release --example evaluate -- CORPUS --explain` wrote. Counted are the words
of blocks that are left out and stand *inside the article* as `gleaner explain` says it: between its first
and its last block, or in the smallest element that holds nine tenths of its words, or in the `article`
around that. Printed: the share of them that is `unclassified`, which is to be at most 0.15 on fundus, and
the words of each kind. `--all` counts the whole page, `--show` prints each block without a kind, `--most`
ends in an error where the share is larger.

Only the standard library is needed.
"""

import argparse
import json
import re
import sys
from collections import Counter

WORD = re.compile(r"\w+")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("explained", nargs="+", metavar="CORPUS=EXPLAINED")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--most", type=float)
    arguments = parser.parse_args()
    for pair in arguments.explained:
        corpus, explained = pair.split("=", 1)
        words = count(explained, arguments)
        share = words["unclassified"] / max(1, sum(words.values()))
        print(f"{corpus}: {share:.3f} of {sum(words.values())} words left out have no kind")
        print("  " + ", ".join(f"{kind} {number}" for kind, number in words.most_common()))
        if arguments.most is not None and share > arguments.most:
            sys.exit(f"{corpus}: more than {arguments.most} have no kind")


def count(explained, arguments):
    """Words left out, by kind."""
    words = Counter()
    with open(explained, encoding="utf-8") as lines:
        for page in map(json.loads, lines):
            for block in page["blocks"]:
                if block["kept"] or not (block["inside"] or arguments.all):
                    continue
                words[block["kind"]] += len(WORD.findall(block["text"]))
                if arguments.show and block["kind"] == "unclassified":
                    print(f"{page['id']:24.24} {block['rule']:14.14} {block['tag']:10} {block['text'][:150]}")
    return words


if __name__ == "__main__":
    main()
