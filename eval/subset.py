#!/usr/bin/env python3
"""Cut some pages out of a corpus and its predictions, to score them by themselves.

    subset.py IDS CORPUS PREDICTIONS.jsonl OUT

IDS is a file with a line `CORPUS<tab>ID` for each page (`training/held_out.txt`: the pages that no model
has learned from), or `-` for those pages that PREDICTIONS has. OUT becomes a folder like a corpus, named
by the caller, with `truth.jsonl`, a link to the corpus's `html` and `predictions.jsonl`. Only the standard
library is needed.
"""

import json
import sys
from pathlib import Path


def lines_of(file):
    return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def chosen(ids, corpus, predictions):
    if ids == "-":
        return {json.loads(line)["id"] for line in lines_of(predictions)}
    rows = (line.split("\t") for line in lines_of(Path(ids)))
    return {id for name, id in rows if name == corpus.name}


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    corpus, predictions, out = map(Path, sys.argv[2:])
    ids = chosen(sys.argv[1], corpus, predictions)
    if not ids:
        sys.exit(f"{sys.argv[1]}: no page of {corpus.name}")
    out.mkdir(parents=True, exist_ok=True)
    for source, name in ((corpus / "truth.jsonl", "truth.jsonl"), (predictions, "predictions.jsonl")):
        kept = [line for line in lines_of(source) if json.loads(line)["id"] in ids]
        (out / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    link = out / "html"
    if not link.exists():
        link.symlink_to((corpus / "html").resolve())


if __name__ == "__main__":
    main()
