#!/usr/bin/env python3
"""Trains the model that the extractor embeds.

    train.py CORPORA [--input text] [--dumps DIR] [--out FILE] [--sample FILE]

CORPORA is a folder with the unpacked corpora (fundus, wcxb-dev, trafeval). With --input text the model for
texts without markup is trained. Without --dumps the features are dumped first, by the extractor itself. The same dumps give the same bytes. The scores of the pages
held out of all training (`corpora.is_held_out`) are printed at the end.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

import corpora
import cross_validate
import model
import model_file
import selection

ROOT = Path(__file__).resolve().parents[1]
SEED = 0
SAMPLE_ROWS = 24
FILES = {
    "html": ("src/extract/data/model.bin", "training/sample.json"),
    "text": ("src/extract/data/text_model.bin", "training/text_sample.json"),
}


def dump(corpora_folder, dumps, form):
    """Runs the extractor's own feature dump over each corpus."""
    dumps.mkdir(parents=True, exist_ok=True)
    command = ["cargo", "run", "--locked", "--release", "--example", "features", "--"]
    options = ["--input", "text"] if form == "text" else []
    for name in corpora.CORPORA[form]:
        with open(dumps / f"{name}.jsonl", "wb") as out:
            subprocess.run([*command, corpora_folder.resolve() / name, *options], check=True, cwd=ROOT, stdout=out)


def train(pages, schema):
    """The model of all pages that may be trained on."""
    material = model.gather(pages)
    return model.learn(model.prepare(material, np.ones(len(material.pages), dtype=bool), schema), schema, SEED)


def sample_rows(trained, schema, pages):
    """Rows of numbers with the trainer's predictions, for the test that the extractor agrees; tokens as
    their hashes."""
    rng = np.random.default_rng(SEED)
    asked = [page for page in pages if len(page.words)]
    chosen = [asked[i] for i in sorted(rng.choice(len(asked), SAMPLE_ROWS, replace=False))]
    at = [int(rng.integers(len(page.words))) for page in chosen]
    blocks = np.stack([trained.block_rows(page, schema)[i] for page, i in zip(chosen, at)])
    scores = model.score_pages(trained.page_attr, chosen)
    return {
        "block_rows": [plain(row) for row in blocks],
        "article": plain(trained.article.predict(blocks)),
        "general": plain(trained.general.predict(blocks)),
        "page_rows": [plain(row) for row in model.page_rows(chosen, scores)],
        "page_kind": plain(trained.article_probability(chosen)),
        "words": [word_row(trained.attr, page.near[i], page.far[i]) for page, i in zip(chosen, at)],
        "page_words": [
            {"tokens": page.page_tokens.tolist(), "page_attr": plain([score])[0]}
            for page, score in zip(chosen, scores)
        ],
    }


def word_row(table, near, far):
    return {"near": near.tolist(), "far": far.tolist(), "attr": plain(table.score([near], [far]))[0]}


def plain(values):
    """The shortest decimals that read back as the same f32."""
    return [float(str(np.float32(value))) for value in values]


def write_held_out(file, pages):
    """Which pages no model learns from, for the quality gate: a corpus and an id a line."""
    file.write_text("".join(f"{p.corpus}\t{p.id}\n" for p in pages if corpora.is_held_out(p.domain)))


def print_held_out(trained, schema, pages):
    held_out = [page for page in pages if corpora.is_held_out(page.domain)]
    predicted = cross_validate.predict(trained, schema, held_out)
    texts = {(page.corpus, page.id): cross_validate.select(page, *found) for page, *found in predicted}
    print("held out of all training (choice of blocks alone):")
    for measure, value in selection.report(held_out, texts).items():
        print(f"{measure:34}{value:8.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--input", choices=corpora.CORPORA, default="html", help="pages, or texts without markup")
    parser.add_argument("--dumps", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sample", type=Path)
    arguments = parser.parse_args()
    form = arguments.input
    dumps = arguments.dumps or ROOT / "target" / ("text-training" if form == "text" else "training")
    if not arguments.dumps:
        dump(arguments.corpora, dumps, form)
    schema, pages = cross_validate.load_all(arguments.corpora, dumps, form)
    trained = train(pages, schema)
    out, sample = (ROOT / file for file in FILES[form])
    (arguments.out or out).write_bytes(model_file.encode(trained, schema))
    rows = json.dumps(sample_rows(trained, schema, corpora.scored(pages)), separators=(",", ":"))
    (arguments.sample or sample).write_text(rows + "\n")
    if form == "html":
        write_held_out(ROOT / "training/held_out.txt", pages)
    print_held_out(trained, schema, corpora.scored(pages))


if __name__ == "__main__":
    main()
