#!/usr/bin/env python3
"""Cut the pages that no model has learned from out of a corpus and its predictions.

    subset.py IDS CORPUS PREDICTIONS.jsonl OUT

IDS (`training/held_out.txt`) has a line `CORPUS<tab>ID` for each page. OUT becomes a folder like a
corpus, named by the caller, with `truth.jsonl`, a link to the corpus's `html` and `predictions.jsonl`.
Only the standard library is needed.
"""

import json
import sys
from pathlib import Path


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    ids_file, corpus, predictions, out = map(Path, sys.argv[1:])
    rows = (line.split("\t") for line in ids_file.read_text(encoding="utf-8").splitlines() if line.strip())
    ids = {id for name, id in rows if name == corpus.name}
    if not ids:
        sys.exit(f"{ids_file}: no page of {corpus.name}")
    out.mkdir(parents=True, exist_ok=True)
    for source, name in ((corpus / "truth.jsonl", "truth.jsonl"), (predictions, "predictions.jsonl")):
        lines = source.read_text(encoding="utf-8").split("\n")
        kept = [line for line in lines if line.strip() and json.loads(line)["id"] in ids]
        (out / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    link = out / "html"
    if not link.exists():
        link.symlink_to((corpus / "html").resolve())


if __name__ == "__main__":
    main()
