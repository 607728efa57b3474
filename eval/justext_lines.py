#!/usr/bin/env python3
"""What jusText (github.com/miso-belica/jusText) makes of the same lines, to compare with.

    justext_lines.py CORPUS LINES.jsonl > predictions.jsonl

LINES.jsonl is what `evaluate CORPUS --input text --lines` writes: each page as all its visible lines. jusText
reads HTML, so that each line is given to it as a paragraph, with the stop words of the page's language where it
has any and of English where not. Needs `pip install justext lxml_html_clean`.
"""

import html
import json
import sys
import time
from pathlib import Path

import justext

NAMES = {
    "de": "German", "en": "English", "fr": "French", "ko": "Korean", "sv": "Swedish", "es": "Spanish", "it": "Italian",
    "no": "Norwegian_Bokmal", "nb": "Norwegian_Bokmal", "ru": "Russian", "nl": "Dutch", "da": "Danish",
    "id": "Indonesian", "is": "Icelandic", "lt": "Lithuanian", "ms": "Malay", "tr": "Turkish", "vi": "Vietnamese",
    "pt": "Portuguese", "pl": "Polish", "cs": "Czech", "fi": "Finnish", "uk": "Ukrainian",
}  # fmt: skip


def main():
    corpus, lines = Path(sys.argv[1]), Path(sys.argv[2])
    with open(corpus / "truth.jsonl", encoding="utf-8") as truths:
        languages = {truth["id"]: (truth["lang"] or "en")[:2] for truth in map(json.loads, truths)}
    lists = {}
    known = justext.get_stoplists()
    with open(lines, encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            name = NAMES.get(languages[row["id"]], "English")
            name = name if name in known else "English"
            stops = lists.setdefault(name, justext.get_stoplist(name))
            start = time.perf_counter()
            page = "".join(f"<p>{html.escape(line)}</p>" for line in row["text"].split("\n"))
            paragraphs = justext.justext(f"<html><body>{page}</body></html>", stops) if row["text"].strip() else []
            text = "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)
            seconds = time.perf_counter() - start
            print(json.dumps({"id": row["id"], "text": text, "seconds": seconds}))


if __name__ == "__main__":
    main()
