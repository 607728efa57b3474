"""One system of Python over the pages that eval/peers/run.py asks for.

    peer.py SYSTEM

Reads a JSON object a line from standard input, {"path", "url", "times"}, and answers each with a line: {"seconds", "text",
"title", "author", "date"}, or {"fault"} where the system raised. The page is read before the clock starts, extracted
`times` times in a row, and the least processor time of the process counts. All are given bytes, which they decode while the clock runs.
"""

import json
import logging
import sys
import time
from pathlib import Path


def trafilatura(**more):
    from trafilatura import bare_extraction

    def run(page, url):
        # Comments are no part of the texts that all are measured by.
        found = bare_extraction(page, url=url, include_comments=False, with_metadata=True, **more)
        return (found.text, found.title, found.author, found.date) if found else ("", None, None, None)

    return run


def trafilatura_fast():
    return trafilatura(fast=True)


def trafilatura_precision():
    return trafilatura(favor_precision=True)


def resiliparse():
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def run(page, url):
        tree = HTMLTree.parse_from_bytes(page, detect_encoding(page))
        return extract_plain_text(tree, main_content=True, alt_texts=False), None, None, None

    return run


def newspaper4k():
    import newspaper

    def run(page, url):
        article = newspaper.article(url or "http://localhost/", input_html=page, fetch_images=False)
        return article.text, article.title, ", ".join(article.authors), str(article.publish_date or "") or None

    return run


def readability_lxml():
    from lxml import html
    from readability import Document

    # What stands on lines of its own: text_content() alone would join the words of neighbouring paragraphs.
    blocks = {"p", "div", "li", "ul", "ol", "blockquote", "pre", "table", "tr", "td", "th", "br", "section", "article"}
    blocks |= {"h1", "h2", "h3", "h4", "h5", "h6"}

    def run(page, url):
        document = Document(page, url=url)
        tree = html.fromstring(document.summary(html_partial=True))
        for element in tree.iter(*blocks):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
        return tree.text_content(), document.short_title(), document.author(), None

    return run


SYSTEMS = {
    "trafilatura": trafilatura,
    "trafilatura_fast": trafilatura_fast,
    "trafilatura_precision": trafilatura_precision,
    "resiliparse": resiliparse,
    "newspaper4k": newspaper4k,
    "readability-lxml": readability_lxml,
}


def answer(run, request):
    page, least = Path(request["path"]).read_bytes(), float("inf")
    try:
        for _ in range(request["times"]):
            began = time.process_time()
            text, title, author, date = run(page, request["url"])
            least = min(least, time.process_time() - began)
    except Exception as fault:
        return {"fault": f"{type(fault).__name__}: {fault}"[:200]}
    return {"seconds": least, "text": text or "", "title": title, "author": author, "date": date}


def main():
    logging.disable(logging.CRITICAL)
    if sys.argv[1:] and sys.argv[1] in SYSTEMS:
        run = SYSTEMS[sys.argv[1]]()
    else:
        sys.exit(f"usage: peer.py SYSTEM, one of {', '.join(SYSTEMS)}")
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(run, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
