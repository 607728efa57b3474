#!/usr/bin/env python3
"""Texts without markup against what should come of them.

    seeds_text.py FOLDER GLEANER_EVALUATE

FOLDER holds pairs NAME.txt and NAME.gold.json: title, byline, date (null where the text states none), body (a
list of paragraphs) and removed ([{line, text, category}]). Body, title, author and day must be exact, and every
removed line must be named with a kind; how many bear the very category is told. Exits with 1 where one is not.
Only the standard library is needed.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MARKS = re.compile(r"^(?:[-*•]|\d+\.)\s+")
BYLINE = re.compile(r"^by\s+|\s+reporter$", re.IGNORECASE)


def extracted(evaluate, texts):
    """What the extractor makes of each text: a corpus whose gold texts are the inputs."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        (corpus / "html").mkdir()
        with open(corpus / "truth.jsonl", "w", encoding="utf-8") as truth:
            for name, text in texts.items():
                (corpus / "html" / f"{name}.html").touch()
                truth.write(json.dumps({"id": name, "text": text}) + "\n")
        lines = subprocess.run([evaluate, corpus, "--gold", "--removed"], check=True, stdout=subprocess.PIPE).stdout
    return {row["id"]: row for row in map(json.loads, lines.splitlines())}


def squeezed(text):
    return " ".join(MARKS.sub("", text.strip()).split())


def faults(row, gold):
    """What differs, a line each."""
    body = [squeezed(line) for line in row["text"].splitlines() if line.strip()]
    wanted = [squeezed(paragraph) for paragraph in gold["body"]]
    yield from (f"body lacks: {line[:90]}" for line in wanted if line not in body)
    yield from (f"body has: {line[:90]}" for line in body if line not in wanted)
    if sorted(body) == sorted(wanted) and body != wanted:
        yield "the body is in another order"
    for field, expected in (("title", gold["title"]), ("author", gold["byline"]), ("date", gold["date"])):
        expected = expected and BYLINE.sub("", expected)
        if field == "date" and expected:
            expected = re.search(r"\d{4}-\d{2}-\d{2}", gold.get("date_iso") or expected)[0]
        if row[field] != expected:
            yield f"{field} is {row[field]!r}, not {expected!r}"
    kinds = {}
    for kind, _, text in row["removed"]:
        kinds.setdefault(squeezed(text), []).append(kind)
    for removed in gold["removed"]:
        found = kinds.get(squeezed(removed["text"]), [])
        if not found:
            yield f"not removed: {removed['text'][:90]}"
        elif "unclassified" in found:
            yield f"without a kind: {removed['text'][:90]}"


def agreement(row, gold):
    """How many removed lines bear the category of the gold."""
    kinds = {}
    for kind, _, text in row["removed"]:
        kinds.setdefault(squeezed(text), set()).add(kind)
    return sum(removed["category"] in kinds.get(squeezed(removed["text"]), ()) for removed in gold["removed"])


def main():
    folder, evaluate = Path(sys.argv[1]), Path(sys.argv[2])
    golds = {file.name.removesuffix(".gold.json"): json.loads(file.read_text()) for file in folder.glob("*.gold.json")}
    if not golds:
        sys.exit(f"{folder} holds no *.gold.json")
    texts = {name: (folder / f"{name}.txt").read_text(encoding="utf-8") for name in sorted(golds)}
    failed = same = lines = 0
    for name, row in extracted(evaluate.resolve(), texts).items():
        found = list(faults(row, golds[name]))
        failed += bool(found)
        same, lines = same + agreement(row, golds[name]), lines + len(golds[name]["removed"])
        print(f"{name}: {'; '.join(found) or 'exact'}")
    print(f"{len(golds) - failed} of {len(golds)} texts exact; {same} of {lines} removed lines bear the category of the gold")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
