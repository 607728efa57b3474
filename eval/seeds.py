#!/usr/bin/env python3
"""Are the seeds, set as pages, extracted exactly as their gold says?

    seeds.py [--evaluate FILE] [--keep FOLDER] [--show] SEEDS

SEEDS is the folder with `NAME.txt`, the flattened lines of a page, and `NAME.gold.json`: `body`, `title`,
`byline`, `date`, and for every other line its category. Each seed is set as a page by seed_pages.py in several
dialects of markup, in a temporary folder (or FOLDER, to look at the pages), and the cargo example `evaluate`
(FILE, else target/release/examples/evaluate) reads them. For each page must hold:

- the paragraphs are those of the gold, in order, white space apart;
- title, author and day are the gold's. A title that it lacks is that of the seed with the same story or one
  made up for the page, and found again; an author or a date that it lacks must not be found;
- the verdict is `article`;
- every line of another category is among what is left out, and has a kind there. `unclassified` is allowed
  where no word list can name it: in embedded articles, and in the lines of `UNNAMEABLE`.

What does not hold is printed, with a diff of the paragraphs, and ends in an error. `--show` prints kind and
rule of every left-out line.

Only the standard library is needed.
"""

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from seed_pages import BUILDS, DIALECTS, HEADLINES, Dialect

UNNAMEABLE = {"001": {25, 26, 41, 43}, "002": {20, 21}}
"""Teaser, feed item, appeal in good prose (TAXONOMY.md section 6)."""
FORMS = ("newsletter", "form_state")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("--evaluate", type=Path, default=Path("target/release/examples/evaluate"))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    golds = {path.name[:3]: json.loads(path.read_text(encoding="utf-8")) for path in arguments.seeds.glob("*.gold.json")}
    if golds.keys() != BUILDS.keys():
        sys.exit(f"{arguments.seeds}: has seeds {sorted(golds)}, there are pages for {sorted(BUILDS)}")
    seeds = [Seed(number, gold, golds, arguments.seeds) for number, gold in sorted(golds.items())]
    with tempfile.TemporaryDirectory() as temporary:
        read = extracted(seeds, arguments.keep or Path(temporary), arguments.evaluate)
    failed = 0
    for seed in seeds:
        for dialect in DIALECTS[seed.number]:
            found = read[f"{seed.number}-{dialect}"]
            faults = [*seed.faults(found), *seed.unnamed(found["blocks"], arguments.show)]
            failed += bool(faults)
            print(f"seed {seed.number} {dialect}: {'differs' if faults else 'exact'}")
            print("".join(f"  {fault}\n" for fault in faults), end="")
    if failed:
        sys.exit(f"seeds: {failed} of {len(read)} pages differ from their gold")
    print(f"seeds: {len(read)} pages of {len(seeds)} seeds are exact")


class Seed:
    """The lines of a seed by what they are, and where: before or behind the body's first line."""

    def __init__(self, number, gold, golds, folder):
        self.number = number
        self.body = gold["body"]
        self.byline = gold["byline"]
        self.date = gold["date"]
        self.day = (gold.get("date_iso") or "")[:10] or None
        twins = [other["title"] for other in golds.values() if other["file"] in gold["same_article_as"]]
        self.headline = gold["title"] or HEADLINES.get(number) or next(title for title in twins if title)
        self.removed = gold["removed"]
        lines = (folder / gold["file"]).read_text(encoding="utf-8").splitlines()
        self.embedded = [
            [line for line in lines[card["lines"][0] - 1 : card["lines"][1]] if line.strip()] for card in gold["embedded"]
        ]
        first = next(at for at, line in enumerate(lines, 1) if line == self.body[0])
        self.before, self.after = defaultdict(list), defaultdict(list)
        for line in self.removed:
            part = "forms" if line["category"] in FORMS else line["category"]
            (self.before if line["line"] < first else self.after)[part].append(line["text"])

    def above(self, dialect):
        """What stands above the site's header: an appeal as a bar, and the link past the menu."""
        bar = dialect.each("div.top-bar", self.before["membership"])
        skip = "".join(dialect("a.skip-link", text, href="#content") for text in self.before["skip_link"])
        return bar + skip

    @property
    def author(self):
        """The name alone: no "By" before it, no role behind it."""
        words = (self.byline or "").split()
        words = words[1:] if words[:1] == ["By"] else words
        return " ".join(words[:-1] if words[-1:] == ["Reporter"] else words) or None

    def faults(self, found):
        """What differs from the gold in body, title, author, day and verdict."""
        for name, wanted, got in (
            ("verdict", "article", found["verdict"]),
            ("title", self.headline, found["title"]),
            ("author", self.author, found["author"]),
            ("date", self.day, found["date"]),
        ):
            if squeezed(wanted) != squeezed(got):
                yield f"{name}: {got!r} instead of {wanted!r}"
        wanted, got = map(squeezed, self.body), map(squeezed, found["text"].split("\n\n"))
        lines = difflib.unified_diff(list(wanted), list(got), "gold", "extracted", lineterm="", n=0)
        yield from (line for line in lines if not line.startswith("@@"))

    def unnamed(self, blocks, show):
        """The lines that are not left out, or without a kind. Each block's words are spent by one line."""
        rest = [squeezed(block["text"]) for block in blocks]
        for line in self.removed:
            text = squeezed(line["text"].removeprefix("- "))
            holders = (at for at, block in enumerate(blocks) if not block["kept"] and text in rest[at])
            # A line of one word is rather a block of its own than a word of another.
            at = min(holders, key=lambda at: len(rest[at]), default=None)
            where = f"line {line['line']} ({line['category']})"
            if at is None:
                yield f"{where} is not among what is left out: {text[:80]}"
                continue
            rest[at] = rest[at].replace(text, "", 1)
            kind = blocks[at]["kind"]
            if show:
                print(f"    {where:28} {kind:16} {blocks[at]['rule']:40} {text[:60]}")
            is_nameable = line["category"] != "embedded" and line["line"] not in UNNAMEABLE.get(self.number, ())
            if kind == "unclassified" and is_nameable:
                yield f"{where} has no kind: {text[:80]}"


def squeezed(text):
    return " ".join((text or "").split())


def extracted(seeds, folder, evaluate):
    """What `evaluate` makes of the seeds' pages, by page."""
    (folder / "html").mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as truths:
        for seed in seeds:
            for dialect in DIALECTS[seed.number]:
                page = f"{seed.number}-{dialect}"
                html = BUILDS[seed.number](seed, Dialect(dialect))
                (folder / "html" / f"{page}.html").write_text(html, encoding="utf-8")
                truth = {"id": page, "url": f"https://news{seed.number}.example/story/{page}"}
                truths.write(json.dumps(truth) + "\n")
    run = subprocess.run([evaluate, folder, "--explain"], capture_output=True, text=True, encoding="utf-8")
    if run.returncode:
        sys.exit(f"{evaluate}: {run.stderr.strip()}")
    return {page["id"]: page for page in map(json.loads, run.stdout.splitlines())}


if __name__ == "__main__":
    main()
