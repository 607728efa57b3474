"""How much of each block is main content: the blocks of a page aligned with its gold text."""

import re
from collections import Counter

import numpy as np
from gold import has_string, squeezed
from rapidfuzz.distance import LCSseq

from corpora import VARIANT_WEIGHTS

WORD = re.compile(r"\w+")
RUN = 4
"""Least length of a run of equal tokens that counts as a match; shorter ones are chance."""
COVER = 0.7
"""Share of a block from which on also shorter runs count."""
CLAIM = 0.6
"""Share of a block that 4-grams the alignment left over must cover to claim it (gold in another order)."""
WEIGHT_OFFSET = 60
PAGE_WEIGHT_CAP = 4.0
STRINGS_WEIGHT = 1.0
"""Weight of all blocks together of a page that is known by strings; one with a gold text has 2 on average."""


def label(page):
    """Sets the labels (0 to 1, by block) and weights of a page."""
    if page.has_strings:
        label_by_strings(page)
    else:
        label_by_text(page)


def label_by_strings(page):
    """Blocks that hold a string that must be there, or one that must not, and not both; nothing is taught of
    the others."""
    wanted, unwanted = ([squeezed(string) for string in page.truth[key] or []] for key in ("with", "without"))
    blocks = [squeezed(text) for text in page.texts]
    is_wanted = np.array([has_string(text, wanted) for text in blocks], dtype=bool)
    is_unwanted = np.array([any(string in text for string in unwanted) for text in blocks], dtype=bool)
    weights = np.sqrt(page.words + 1) * (is_wanted != is_unwanted)
    page.labels = is_wanted.astype(float)
    page.weights = STRINGS_WEIGHT * weights / max(weights.sum(), 1e-9)


def label_by_text(page):
    """By alignment with the gold text."""
    tokens = [WORD.findall(text.lower()) for text in page.texts]
    gold = WORD.findall((page.truth["text"] or "").lower())
    if not gold or not tokens:
        page.labels = np.zeros(len(tokens))
        page.weights = np.zeros(len(tokens))
        return
    page.labels = shares(tokens, gold)
    page.weights = block_weights(tokens, gold) * VARIANT_WEIGHTS[page.variant]


def shares(blocks, gold):
    """Matched share of each block's tokens, 0 for a block without any."""
    sizes = np.array([len(tokens) for tokens in blocks])
    matched, used = align(blocks, gold, sizes)
    claim(blocks, gold, matched, used)
    return np.minimum(1.0, matched / np.maximum(sizes, 1))


def align(blocks, gold, sizes):
    """Longest common subsequence of page and gold: matched tokens by block, and which gold was used."""
    ids = {}
    page_text, gold_text = (
        "".join(chr(ids.setdefault(token, len(ids))) for token in tokens)
        for tokens in ([token for block in blocks for token in block], gold)
    )
    owner = np.repeat(np.arange(len(blocks)), sizes)
    in_run = np.zeros(len(owner))
    in_any = np.zeros(len(owner))
    gold_at = np.full(len(owner), -1)
    for operation in LCSseq.opcodes(page_text, gold_text):
        if operation.tag != "equal":
            continue
        span = slice(operation.src_start, operation.src_end)
        in_any[span] = 1
        in_run[span] = operation.src_end - operation.src_start >= RUN
        gold_at[span] = np.arange(operation.dest_start, operation.dest_end)
    any_matched = np.bincount(owner, in_any, len(blocks))
    covered = any_matched >= COVER * np.maximum(sizes, 1)
    kept = (in_run > 0) | ((in_any > 0) & covered[owner])
    used = np.zeros(len(gold), dtype=bool)
    used[gold_at[kept]] = True
    return np.bincount(owner, kept, len(blocks)), used


def claim(blocks, gold, matched, used):
    """Gives 4-grams of the gold that the alignment left over to the blocks that they cover."""
    left = Counter(
        tuple(gold[i : i + RUN]) for i in range(len(gold) - RUN + 1) if not used[i : i + RUN].any()
    )
    if not left:
        return
    for index, tokens in enumerate(blocks):
        if len(tokens) < RUN or matched[index] >= CLAIM * len(tokens):
            continue
        grams = Counter(tuple(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1))
        found = grams & left
        covered = covered_tokens(tokens, found.copy())
        if covered > CLAIM * len(tokens):
            matched[index] = covered
            left -= found


def covered_tokens(tokens, found):
    """How many tokens stand in one of the 4-grams found, each of which covers once."""
    covered = np.zeros(len(tokens), dtype=bool)
    for i in range(len(tokens) - RUN + 1):
        gram = tuple(tokens[i : i + RUN])
        if found[gram] > 0:
            found[gram] -= 1
            covered[i : i + RUN] = True
    return int(covered.sum())


def block_weights(blocks, gold):
    """Word F1 is by page: a block weighs by its share of its page's gold, short texts less."""
    weights = np.array([len(tokens) + 1 for tokens in blocks]) / (len(gold) + WEIGHT_OFFSET)
    return weights * min(1.0, PAGE_WEIGHT_CAP / weights.sum())
