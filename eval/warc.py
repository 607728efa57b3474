#!/usr/bin/env python3
"""A WARC file of the pages of corpora, for `benches/bulk.rs`.

    warc.py CORPUS... -o FILE [--bytes N] [--plain]

Each CORPUS is a folder with `html/*.html`, or any folder with pages in it. Their pages are written one corpus after the
other, again and again under other URLs, until the records have N bytes (1,000,000,000 where nothing is said) before they
are compressed. As Common Crawl writes them, each page is a `request`, a `response` and a `metadata` record, each in a
gzip member of its own; with --plain nothing is compressed. Where `truth.jsonl` knows a page's whole URL, that is the first
one's; what is repeated has `?copy=1` and so on behind it. The same arguments give the same bytes. Needs nothing but
Python.
"""

import argparse
import gzip
import itertools
import json
import uuid
from pathlib import Path

DATE = "2026-04-03T10:00:00Z"
NAMESPACE = uuid.UUID("8e7b3c52-3f0a-4a53-9a4e-0a5f0c6a7b11")
"""Record ids are made of the URLs, so that they are the same each time."""


def pages(corpus):
    """URL and bytes of each page of a folder, by name."""
    folder = corpus / "html" if (corpus / "html").is_dir() else corpus
    truth = corpus / "truth.jsonl"
    urls = {}
    if truth.exists():
        with open(truth, encoding="utf-8") as lines:
            urls = {page["id"]: page.get("url") for page in map(json.loads, lines)}
    for file in sorted(folder.glob("*.html")):
        url = urls.get(file.stem) or ""
        is_whole = url.startswith(("http://", "https://"))
        yield url if is_whole else f"https://corpus.example/{corpus.name}/{file.stem}", file.read_bytes()


def record(kind, url, content_type, content):
    identity = uuid.uuid5(NAMESPACE, f"{kind} {url}")
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {DATE}\r\nWARC-Record-ID: <urn:uuid:{identity}>\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def records(url, page):
    host = url.split("/")[2]
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: eval/warc.py\r\n\r\n".encode()
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n".encode() + page
    yield record("request", url, "application/http; msgtype=request", request)
    yield record("response", url, "application/http; msgtype=response", answer)
    yield record("metadata", url, "application/warc-fields", b"fetchTimeMs: 100\r\n")


def copies(url):
    """The URL, and others of the same host."""
    yield url
    for number in itertools.count(1):
        yield f"{url}{'&' if '?' in url else '?'}copy={number}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--plain", action="store_true")
    arguments = parser.parse_args()
    known = [(copies(url), page) for corpus in arguments.corpora for url, page in pages(corpus)]
    if not known:
        parser.error("there are no pages in these folders")
    pack = (lambda data: data) if arguments.plain else (lambda data: gzip.compress(data, 6, mtime=0))
    opening = record("warcinfo", "https://corpus.example/", "application/warc-fields", b"software: eval/warc.py\r\n")
    size, count = len(opening), 0
    with open(arguments.output, "wb") as file:
        file.write(pack(opening))
        for urls, page in itertools.cycle(known):
            if size >= arguments.bytes:
                break
            for data in records(next(urls), page):
                file.write(pack(data))
                size += len(data)
            count += 1
    print(f"{count} pages, {size} bytes of records, {arguments.output.stat().st_size} bytes in {arguments.output}")


if __name__ == "__main__":
    main()
