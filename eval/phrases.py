#!/usr/bin/env python3
"""Where the lexicon's phrases were seen, and how often they speak against gold.

    phrases.py [--seen] [--worst N] [--show] [--muted CORPUS=HEARD.jsonl]... CORPUS=HEARD.jsonl...

HEARD is what `cargo run --release --example evaluate -- CORPUS --heard` wrote. A *false hit* is a gold
block (gold.py) that a phrase by itself proposes to leave out: a proposal `phrase:...` of a kind that is
not kept by default. Printed: their rate among the gold blocks by kind of page, by kind and by phrase;
`--show` prints each. The golds keep some of what the kinds name ("Table of Contents", "Read more: ...",
dates and bylines). All hits were read, one text for each page and rule: those that are what their phrase
says stand in gold_boilerplate.tsv (corpus, page, rule) and are counted apart; what is not listed counts as
false. With `--muted`, the same pages by `evaluate --heard --without
phrase,after,box`, a false hit is *decisive* if the rules leave the block out for its phrase and it would have
stayed without: on pages that are no articles the model outweighs what most phrases say.

`--seen` writes `eval/seen/LANGUAGE.toml`, the record of every phrase: the corpora on whose
pages it was found, each with [pages, blocks outside the gold, blocks in the gold]; for a phrase that no
page has "interface", if the language's file names the products whose standard translations it follows
(a comment `# source: ...` at its top), else "unverified". A test holds that every phrase has its entry.
A table for docs/kinds.md is printed.

Only the standard library is needed.
"""

import argparse
import json
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import gold

DATA = Path(__file__).resolve().parents[1] / "src/extract/data"
FORMS = ("block", "start", "heading", "label", "has")
NO_KINDS = ("language", "script", "lists", "test")
SOURCE = re.compile(r"^# source: (.*(?:\n# (?!Corpus).*)*)", re.MULTILINE)
JUDGED = Path(__file__).with_name("gold_boilerplate.tsv")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heard", nargs="+", metavar="CORPUS=HEARD")
    parser.add_argument("--seen", action="store_true")
    parser.add_argument("--worst", type=int, default=30)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--muted", action="append", default=[], metavar="CORPUS=HEARD")
    arguments = parser.parse_args()
    muted = {}
    for pair in arguments.muted:
        corpus, heard = pair.split("=", 1)
        for truth, blocks in gold.pages(corpus, heard):
            muted[Path(corpus).name, truth["id"]] = [block["removed"] is None for block in blocks]
    kinds = tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))["kind"]
    kept = {kind["id"] for kind in kinds if kind["action"] == "keep"}
    seen, pages, measure = defaultdict(dict), Counter(), Measure(kept, muted)
    for pair in arguments.heard:
        corpus, heard = pair.split("=", 1)
        for truth, blocks in gold.pages(corpus, heard):
            is_gold = [share >= gold.COVER for share in gold.shares(truth, blocks)]
            measure.add(Path(corpus).name, truth, blocks, is_gold)
            pages[truth.get("lang") or "?"] += 1
            add_seen(seen, Path(corpus).name, truth.get("lang"), blocks, is_gold)
    measure.report(arguments.worst, arguments.show)
    if arguments.seen:
        write_seen(seen, pages)


class Measure:
    """False hits among gold blocks."""

    def __init__(self, kept, muted):
        self.kept = kept
        self.muted = muted
        self.gold = Counter()
        self.false = []
        self.right = Counter()
        self.decisive = Counter()
        judged = (row.split("\t") for row in JUDGED.read_text(encoding="utf-8").splitlines())
        self.judged = {tuple(row) for row in judged}

    def add(self, corpus, truth, blocks, is_gold):
        group = f"{corpus} {truth.get('page_type') or 'article'}"
        stays = self.muted.get((corpus, truth["id"])) or [False] * len(blocks)
        for block, gold_block, is_decided in zip(blocks, is_gold, stays):
            if gold_block:
                self.gold[group] += 1
                rule = (block["removed"] or ["", ""])[1]
                is_judged = (corpus, truth["id"], rule) in self.judged
                self.decisive[group] += is_decided and block["ruled_out"] and rule.startswith("phrase:") and not is_judged
                rules = [(kind, rule) for kind, rule, _ in block["proposed"] if rule.startswith("phrase:")]
                for hit in rules:
                    if (corpus, truth["id"], hit[1]) in self.judged:
                        self.right[group] += 1
                    elif hit[0] not in self.kept:
                        self.false.append((group, truth["id"], *hit, block))

    def report(self, worst, show):
        by_group = Counter(group for group, *_ in self.false)
        for group, count in sorted(self.gold.items()):
            line(group, by_group[group], count, self.decisive[group], f", {self.right[group]} judged right")
        line("all", len(self.false), sum(self.gold.values()), sum(self.decisive.values()))
        print("\nby kind:")
        for kind, count in Counter(kind for _, _, kind, *_ in self.false).most_common():
            print(f"  {count:5}  {kind}")
        print("\nby phrase:")
        for rule, count in Counter(rule for _, _, _, rule, _ in self.false).most_common(worst):
            print(f"  {count:5}  {rule}")
        if show:
            for group, page, kind, rule, block in self.false:
                print(f"\n{group} {page}: {rule} = {kind}, {block['removed'] or 'kept'}\n    {block['text'][:300]}")


def line(name, false, count, decisive, rest=""):
    rates = [1e4 * hits / max(1, count) for hits in (false, decisive)]
    print(f"{name:28} {count:7} gold blocks  {false:5} false hits  {rates[0]:7.1f} in 10,000; ", end="")
    print(f"decisive {decisive:3}, {rates[1]:5.2f} in 10,000{rest}")


def add_seen(seen, corpus, language, blocks, is_gold):
    """A phrase counts on pages of its own language and of an unknown one, an English one everywhere."""
    on_page = set()
    for block, gold_block in zip(blocks, is_gold):
        for hit in {tuple(hit[key] for key in ("language", "kind", "form", "phrase")) for hit in block["phrases"]}:
            if language and hit[0] not in (language, "en"):
                continue
            counts = seen[hit].setdefault(corpus, [0, 0, 0])
            counts[0] += hit not in on_page
            counts[2 if gold_block else 1] += 1
            on_page.add(hit)


def write_seen(seen, pages):
    print("\n| language | corpus pages | phrases | seen there | of an interface | unverified |\n|---|---|---|---|---|---|")
    for path in sorted((DATA / "phrases").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        entries = list(record(tomllib.loads(text), SOURCE.search(text), seen))
        values = [value for _, _, value in entries]
        counts = Counter(value if isinstance(value, str) else "seen" for value in values)
        row = (path.stem, pages[path.stem] or "none", len(values), *(counts[key] for key in ("seen", "interface", "unverified")))
        print("| " + " | ".join(map(str, row)) + " |")
        out = Path(__file__).with_name("seen") / path.name
        out.parent.mkdir(exist_ok=True)
        out.write_text("".join(lines(path.name, entries)), encoding="utf-8")


def lines(name, entries):
    yield f"# Where each phrase of phrases/{name} was seen: by corpus [pages, blocks outside the gold, blocks in it]; on no\n"
    yield "# page, but in an interface that the file names as its source; or nowhere yet. Written by\n"
    yield "# `eval/phrases.py --seen`; do not edit.\n"
    section = None
    for name, phrase, value in entries:
        if name != section:
            yield f"\n[{name}]\n"
        section = name
        yield f"{quoted(phrase)} = {quoted(value) if isinstance(value, str) else inline(value)}\n"


def inline(corpora):
    return "{ " + ", ".join(f"{name} = {counts}" for name, counts in sorted(corpora.items())) + " }"


def record(file, source, seen):
    """Section, phrase and where it was seen, for every phrase of a file."""
    unseen = "interface" if source else "unverified"
    for kind, section in file.items():
        if kind in NO_KINDS:
            continue
        for form in FORMS:
            phrases = section.get(form, [])
            phrases = phrases["any"] if isinstance(phrases, dict) else phrases
            for phrase in dict.fromkeys(phrases):
                yield f"{kind}.{form}", phrase, seen.get((file["language"], kind, form, phrase)) or unseen


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    main()
