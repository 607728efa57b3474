#!/usr/bin/env python3
"""How fast jusText (github.com/miso-belica/jusText) cleans a batch of JSON Lines, for `benches/batch.rs`.

    justext_speed.py TEXTS.jsonl

Each line has a "text", whose lines are given to jusText as paragraphs, as `justext_lines.py` does, with English stop
words. Printed: the bytes of the texts and the processor time, in seconds, that jusText took for them; reading and
the start of Python are not counted. Stops after LEAST_SECONDS. Needs `pip install justext lxml_html_clean`.
"""

import html
import json
import sys
import time

import justext

LEAST_SECONDS = 5.0


def main():
    stops = justext.get_stoplist("English")
    size, seconds = 0, 0.0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            page = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text.split("\n"))
            start = time.process_time()
            justext.justext(f"<html><body>{page}</body></html>", stops)
            seconds += time.process_time() - start
            size += len(text.encode())
            if seconds >= LEAST_SECONDS:
                break
    print(size, seconds)


if __name__ == "__main__":
    main()
