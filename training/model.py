"""The whole model of the extractor: token tables, page kind, and the trees for articles and for other pages."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

import tokens
import trees
from corpora import FOLDS, fnv1a32, fold_of

SAMPLE = 200
"""Blocks of a page that are trained on; of longer pages a sample stands for all."""
OUTSIDE = -5.0
"""What a neighbour's column holds beyond the first and the last block."""
TWINS = "tw_"
"""What the names of columns begin with that the extractor leaves 0 on articles."""
NEIGHBOURS = {"attr_m3": -3, "attr_m2": -2, "attr_m1": -1, "attr_p1": 1, "attr_p2": 2, "attr_p3": 3}


@dataclass
class Model:
    """What the model file holds."""

    attr: tokens.Table
    page_attr: tokens.Table
    page_kind: trees.Ensemble
    article: trees.Ensemble
    general: trees.Ensemble

    def article_probability(self, pages):
        """P(article) of pages."""
        return self.page_kind.predict(page_rows(pages, score_pages(self.page_attr, pages)))

    def block_rows(self, page, schema):
        """Features of a page's blocks, the token score and its neighbours' among them."""
        return with_attr(page, self.attr.score(page.near, page.far), schema)


@dataclass
class Material:
    """All that may be trained on: pages, which of their blocks are taught, and the tokens of both."""

    pages: list
    samples: list
    owner: np.ndarray
    blocks: tokens.Rows
    kinds: tokens.Rows


@dataclass
class Lesson:
    """The rows of one set of training pages, ready for the trees."""

    pages: list
    attr: tokens.Table
    page_attr: tokens.Table
    page_scores: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    owner: np.ndarray
    names: list[str]

    @cached_property
    def article_rows(self):
        """Blocks of articles, of every corpus, without their twins."""
        rows = self.features.copy()
        rows[:, [name.startswith(TWINS) for name in self.names]] = 0
        return self.blocks_of(np.array([page.is_article for page in self.pages]), rows)

    @cached_property
    def general_rows(self):
        """Blocks of all kinds of pages, in the shares of the one corpus that has all kinds."""
        return self.blocks_of(np.array([page.corpus == "wcxb-dev" for page in self.pages]), self.features)

    def blocks_of(self, wanted, rows):
        at = wanted[self.owner]
        return trees.rows(rows[at], self.labels[at], self.weights[at], self.names, trees.BLOCK_PARAMETERS)


def gather(pages):
    """The material of those pages that may be trained on."""
    pages = [page for page in pages if page.teaches]
    samples = [sample(page) for page in pages]
    near = [page.near[i] for page, (at, _) in zip(pages, samples) for i in at]
    far = [page.far[i] for page, (at, _) in zip(pages, samples) for i in at]
    labels = np.concatenate([page.labels[at] for page, (at, _) in zip(pages, samples)])
    weights = np.concatenate([page.weights[at] * factor for page, (at, factor) in zip(pages, samples)])
    owner = np.repeat(np.arange(len(pages)), [len(at) for at, _ in samples])
    numbers = {domain: number for number, domain in enumerate(sorted({page.domain for page in pages}))}
    domains = np.array([numbers[page.domain] for page in pages])
    is_article = np.array([float(page.reads_as_article) for page in pages])
    blocks = tokens.rows_of(near, far, labels, weights, domains[owner])
    kinds = tokens.rows_of(*page_tokens(pages), is_article, kind_weights(pages), domains)
    return Material(pages, samples, owner, blocks, kinds)


def prepare(material, chosen, schema):
    """Learns the token tables of the chosen pages (a mask), and scores each page by a table learned without
    its fold: trees that see a score that knew the answer would trust it too much."""
    folds = np.array([fold_of(page.domain, "inner") for page in material.pages])
    scores, page_scores = [None] * len(folds), np.zeros(len(folds), dtype=np.float32)
    for fold in range(FOLDS):
        attr, page_attr = fit_tables(material, chosen & (folds != fold))
        asked = np.flatnonzero(chosen & (folds == fold))
        page_scores[asked] = score_pages(page_attr, [material.pages[i] for i in asked])
        for i in asked:
            scores[i] = attr.score(material.pages[i].near, material.pages[i].far)
    rows = [
        with_attr(material.pages[i], scores[i], schema)[material.samples[i][0]] for i in np.flatnonzero(chosen)
    ]
    taught = chosen[material.owner]
    renumbered = np.cumsum(chosen) - 1
    return Lesson(
        [page for page, is_chosen in zip(material.pages, chosen) if is_chosen],
        *fit_tables(material, chosen),
        page_scores[chosen],
        np.concatenate(rows),
        material.blocks.labels[taught],
        material.blocks.weights[taught],
        renumbered[material.owner[taught]],
        schema.block_features,
    )


def fit_tables(material, chosen):
    """The token tables for blocks and for pages."""
    return tokens.fit(material.blocks.take(chosen[material.owner])), tokens.fit(material.kinds.take(chosen))


def learn(lesson, schema, seed):
    """Trains the three ensembles."""
    is_article = np.array([float(page.reads_as_article) for page in lesson.pages])
    names = [*schema.page_features, "page_attr"]
    kinds = trees.rows(
        page_rows(lesson.pages, lesson.page_scores), is_article, kind_weights(lesson.pages), names, trees.KIND_PARAMETERS
    )
    return Model(
        lesson.attr,
        lesson.page_attr,
        trees.train(kinds, seed, trees.KIND_PARAMETERS, trees.KIND_ROUNDS),
        trees.train(lesson.article_rows, seed, trees.BLOCK_PARAMETERS, trees.BLOCK_ROUNDS),
        trees.train(lesson.general_rows, seed, trees.BLOCK_PARAMETERS, trees.BLOCK_ROUNDS),
    )


def sample(page):
    """Which blocks of a page are trained on, and the factor by which they weigh more for it."""
    count = len(page.words)
    if count <= SAMPLE:
        return np.arange(count), 1.0
    rng = np.random.default_rng(fnv1a32(page.id))
    return np.sort(rng.choice(count, SAMPLE, replace=False)), count / SAMPLE


def kind_weights(pages):
    return np.array([page.kind_weight for page in pages])


def page_tokens(pages):
    return [page.page_tokens for page in pages], [np.zeros(0, dtype=np.uint32)] * len(pages)


def score_pages(table, pages):
    return table.score(*page_tokens(pages))


def page_rows(pages, scores):
    return np.column_stack([np.stack([page.page_features for page in pages]), scores]).astype(np.float32)


def with_attr(page, scores, schema):
    """A copy of a page's rows with the columns of the token score filled in."""
    rows = page.features.copy()
    at = {name: column for column, name in enumerate(schema.block_features)}
    if "attr" in at:
        rows[:, at["attr"]] = scores
    for name, step in NEIGHBOURS.items():
        if name in at:
            rows[:, at[name]] = shifted(scores, step)
    return rows


def shifted(scores, step):
    """Each block's neighbour's score, `step` blocks on."""
    moved = np.full(len(scores), OUTSIDE, dtype=np.float32)
    if abs(step) >= len(scores):
        return moved
    if step > 0:
        moved[:-step] = scores[step:]
    else:
        moved[-step:] = scores[:step]
    return moved
