"""Pages of the corpora: the rows that the extractor dumped beside the truth, and who may train on them."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from publicsuffix2 import get_sld

sys.path.append(str(Path(__file__).resolve().parents[1] / "eval"))

CORPORA = {"html": ("fundus", "wcxb-dev", "trafeval"), "text": ("fundus", "wcxb-dev")}
"""By what the extractor is given. trafeval has snippets alone, which say nothing of most lines."""
VARIANT_WEIGHTS = {None: 1.0, "way": 0.7, "gold": 0.3}
"""How much a flattened page teaches: the page as all its lines, in another way, its gold text."""
FOLDS = 5
GATE_SHARE = 10
UNNAMED_KIND = 0.5


@dataclass
class Schema:
    """Names of the columns, in the order of the dump."""

    block_features: list[str]
    page_features: list[str]


@dataclass
class Page:
    """One page: a row of `features` a block, and what the corpus says of the page."""

    corpus: str
    id: str
    domain: str
    truth: dict
    features: np.ndarray
    words: np.ndarray
    texts: list[str]
    near: list[np.ndarray]
    far: list[np.ndarray]
    page_features: np.ndarray
    page_tokens: np.ndarray
    variant: str | None = None
    """What a text is only there to learn from: `way` or `gold`; such pages are not scored."""
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0))
    weights: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def has_strings(self):
        """Whether the corpus says of some strings, and not of the whole text, what belongs into it."""
        return self.truth["text"] is None

    @property
    def is_article(self):
        return self.truth["page_type"] == "article" or self.has_strings

    @property
    def reads_as_article(self):
        """What the kinds of pages are learnt from: a text that is nothing but its gold must stay whole, whatever page
        it is of, and so be read as an article."""
        return self.is_article or self.variant == "gold"

    @property
    def kind_weight(self):
        """How much the page teaches of the kinds of pages: a corpus without kinds has mostly articles."""
        return UNNAMED_KIND if self.has_strings else 1.0

    @property
    def teaches(self):
        """Whether blocks of this page are trained on: not where the gold is empty or its words are not
        in the page, for both would teach that blank output pays."""
        is_taught = self.weights.any() if self.has_strings else bool(self.truth["text"]) and self.labels.any()
        return bool(is_taught) and not is_held_out(self.domain)


def fnv1a32(text):
    """FNV-1a, 32 bits, over the UTF-8 bytes; the same in src/extract/model.rs."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def registrable_domain(url):
    """The domain that pages are grouped by: nothing of one publisher stands on both sides of a fold."""
    host = urlsplit(url or "").hostname or ""
    return get_sld(host) or host


def is_held_out(domain):
    """Whether the pages of a domain belong to the tenth that no model ever learns from."""
    return fnv1a32(f"gate:{domain}") % GATE_SHARE == 0


def fold_of(domain, assignment):
    """In which of the FOLDS folds a domain falls; each assignment is a shuffle of its own."""
    return fnv1a32(f"fold{assignment}:{domain}") % FOLDS


def scored(pages):
    """The pages that a model is measured on."""
    return [page for page in pages if page.variant is None]


def load(dumps, corpora, name):
    """Schema and pages of one corpus: `dumps/NAME.jsonl` beside `corpora/NAME/truth.jsonl`."""
    with open(corpora / name / "truth.jsonl", encoding="utf-8") as lines:
        truths = {truth["id"]: truth for truth in map(json.loads, lines)}
    hashes = TokenHashes()
    with open(dumps / f"{name}.jsonl", encoding="utf-8") as lines:
        header = json.loads(next(lines))
        schema = Schema(header["block_features"], header["page_features"])
        return schema, [page_of(json.loads(line), name, truths, schema, hashes) for line in lines]


class TokenHashes(dict):
    """Hashes of tokens, each computed once."""

    def __missing__(self, token):
        self[token] = value = fnv1a32(token)
        return value

    def of(self, tokens):
        return np.array(sorted({self[token] for token in tokens}), dtype=np.uint32)


def page_of(row, corpus, truths, schema, hashes):
    truth, blocks = truths[row["id"]], row["blocks"]
    return Page(
        corpus=corpus,
        id=row["id"],
        domain=registrable_domain(truth["url"]),
        truth=truth,
        features=np.array([b["f"] for b in blocks], dtype=np.float32).reshape(-1, len(schema.block_features)),
        words=np.array([b["words"] for b in blocks], dtype=np.float32),
        texts=[b["text"] for b in blocks],
        near=[hashes.of(b["near"]) for b in blocks],
        far=[hashes.of(b["far"]) for b in blocks],
        page_features=np.array(row["page"] or [0] * len(schema.page_features), dtype=np.float32),
        page_tokens=hashes.of(row["page_tokens"]),
        variant=row.get("variant"),
    )
