#!/usr/bin/env python3
"""Scores of pages that were not trained on: folds by registrable domain, three assignments x three seeds.

    cross_validate.py CORPORA DUMPS [--input text] [--models DIR [--evaluate BINARY] [--reuse]]
                      [--assignments 3] [--seeds 3]

Scores the choice of blocks alone; with --models it also writes each fold's model to
DIR/ASSIGNMENT.SEED/FOLD.bin (and the pages that it is asked about to CORPUS-FOLD.ids), and with --evaluate
(the binary of the `evaluate` example) it scores the whole extractor on each fold with that fold's model.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

import corpora
import labels
import model
import model_file
import selection


def load_all(corpora_folder, dumps, form="html"):
    """Schema and labelled pages of all corpora, as pages or flattened to text."""
    pages, schema = [], None
    for name in corpora.CORPORA[form]:
        own_schema, own = corpora.load(dumps, corpora_folder, name)
        assert schema in (None, own_schema), f"{name} was dumped by another version than the rest"
        schema = own_schema
        pages += own
    for page in pages:
        labels.label(page)
    return schema, pages


def fold_lessons(pages, material, schema, assignment):
    """For each fold, what is learned from the material of the other folds, and the pages of the fold."""
    folds = np.array([corpora.fold_of(page.domain, assignment) for page in material.pages])
    for fold in range(corpora.FOLDS):
        asked = [page for page in corpora.scored(pages) if corpora.fold_of(page.domain, assignment) == fold]
        yield fold, model.prepare(material, folds != fold, schema), asked


def predict(trained, schema, pages):
    """For each page: P(article), and the block probabilities of the article and the general trees."""
    kinds = trained.article_probability(pages)
    for page, kind in zip(pages, kinds):
        rows = trained.block_rows(page, schema)
        yield page, float(kind), trained.article.predict(rows), trained.general.predict(rows)


def select(page, kind, article, general):
    is_article = kind > 0.5
    kept = selection.keep(article if is_article else general, page.words, is_article)
    return selection.text_of(page, kept)


def run(pages, material, schema, assignment, seeds, models):
    """Texts of all pages by seed, each page by the model of its fold."""
    texts = {seed: {} for seed in seeds}
    for fold, lesson, asked in fold_lessons(pages, material, schema, assignment):
        for seed in seeds:
            trained = model.learn(lesson, schema, seed)
            if models:
                write_fold(models / f"{assignment}.{seed}", fold, trained, schema, asked)
            for page, *probabilities in predict(trained, schema, asked):
                texts[seed][page.corpus, page.id] = select(page, *probabilities)
    return texts


def write_fold(folder, fold, trained, schema, asked):
    """The model of a fold, and by corpus the ids of the pages that it is asked about."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{fold}.bin").write_bytes(model_file.encode(trained, schema))
    for name in sorted({page.corpus for page in asked}):
        ids = [page.id for page in asked if page.corpus == name]
        (folder / f"{name}-{fold}.ids").write_text("".join(f"{id}\n" for id in ids))


def run_extractor(evaluate, corpora_folder, folder, form):
    """Texts of the whole extractor, each page by the model of its fold."""
    texts = {}
    for name in corpora.CORPORA[form]:
        for fold in range(corpora.FOLDS):
            command = [evaluate, corpora_folder / name, "--model", folder / f"{fold}.bin"]
            command += ["--ids", folder / f"{name}-{fold}.ids", "--input", form]
            lines = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()
            texts |= {(name, row["id"]): row["text"] for row in map(json.loads, lines)}
    return texts


def print_table(title, reports):
    """A row a measure: the mean over all runs, their least and greatest, then each run."""
    print(f"\n{title}\n{'':34}{'mean':>8}{'least':>8}{'most':>8}   " + "".join(f"{run:>8}" for run in reports), flush=True)
    for measure in next(iter(reports.values())):
        values = [report[measure] for report in reports.values()]
        cells = [np.mean(values), min(values), max(values)]
        print(f"{measure:34}" + "".join(f"{v:8.4f}" for v in cells) + "   " + "".join(f"{v:8.4f}" for v in values))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("dumps", type=Path)
    parser.add_argument("--input", choices=corpora.CORPORA, default="html", help="what the dumps are of")
    parser.add_argument("--models", type=Path, help="where each fold's model is written")
    parser.add_argument("--evaluate", type=Path, help="the extractor to score with the models of --models")
    parser.add_argument("--reuse", action="store_true", help="take the models of --models as they are")
    parser.add_argument("--assignments", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def cross_validate(arguments, schema, pages):
    """Trains every fold of every run; scores the choice of blocks. Reports by run."""
    reports, material = {}, model.gather(pages)
    for assignment in range(arguments.assignments):
        texts = run(pages, material, schema, assignment, range(arguments.seeds), arguments.models)
        for seed in texts:
            reports[f"{assignment}.{seed}"] = selection.report(corpora.scored(pages), texts[seed])
        print_table(f"choice of blocks, out of fold, after {len(reports)} runs", reports)
    return reports


def main():
    arguments = parse_arguments()
    schema, pages = load_all(arguments.corpora, arguments.dumps, arguments.input)
    if not arguments.reuse:
        cross_validate(arguments, schema, pages)
    if arguments.evaluate:
        names = [f"{a}.{s}" for a in range(arguments.assignments) for s in range(arguments.seeds)]
        extractor = {
            name: selection.report(
                corpora.scored(pages),
                run_extractor(arguments.evaluate, arguments.corpora, arguments.models / name, arguments.input),
            )
            for name in names
        }
        print_table("the whole extractor, out of fold (ASSIGNMENT.SEED)", extractor)


if __name__ == "__main__":
    main()
