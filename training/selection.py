"""From block probabilities to text and its scores, without the extractor's rules."""

import numpy as np
import score
from score import Snippets

BEST_REGION = 0.9


def keep(probabilities, words, is_article):
    """Which blocks of a page are kept."""
    return keep_sure(probabilities) if is_article else keep_expected(probabilities, words)


def keep_sure(probabilities):
    """Blocks that are main content rather than not; where none is, the likeliest."""
    kept = probabilities >= 0.5
    if len(kept) and not kept.any():
        kept = probabilities >= BEST_REGION * probabilities.max()
    return kept


def keep_expected(probabilities, words):
    """The blocks with the largest expected word F1."""
    order = np.argsort(-probabilities, kind="stable")
    count = np.argmax(expected_f1(probabilities, words, order)) + 1 if len(order) else 0
    kept = np.zeros(len(order), dtype=bool)
    kept[order[:count]] = True
    return kept


def expected_f1(probabilities, words, order):
    """Expected word F1 of keeping the first 1, 2, 3 ... blocks of an order."""
    right = np.cumsum(probabilities[order] * words[order])
    return 2 * right / np.maximum(np.cumsum(words[order]) + (probabilities * words).sum(), 1e-9)


def confidence(probabilities, words):
    """The word F1 to be expected of a page."""
    if not len(words):
        return 0.0
    return float(expected_f1(probabilities, words, np.argsort(-probabilities, kind="stable")).max())


def text_of(page, kept):
    return "\n".join(text for text, is_kept in zip(page.texts, kept) if is_kept)


def report(pages, texts):
    """The measures of a run: `texts` by (corpus, id), of all pages of the corpora named in them."""
    scored = [(page, score.score_page(page.truth, texts[page.corpus, page.id])) for page in pages]
    return summary(scored)


def summary(scored):
    """Named measures of (page, score) pairs."""
    measures = {}
    for corpus in dict.fromkeys(page.corpus for page, _ in scored):
        own = [(page, result) for page, result in scored if page.corpus == corpus]
        measures |= corpus_measures(corpus, own)
    return measures


def corpus_measures(corpus, scored):
    measures = {}
    gold = [(page, result) for page, result in scored if result.words]
    if gold:
        measures[f"{corpus} word F1"] = mean_f1(gold)
        measures[f"{corpus} shingle F1"] = score.shingle_f1([result for _, result in gold])
        standfirst = [result.standfirst for _, result in gold if result.standfirst is not None]
        if standfirst:
            measures[f"{corpus} standfirst"] = float(np.mean(standfirst))
    if corpus == "fundus":
        for name, chosen in languages(gold).items():
            measures[f"{corpus} {name}"] = mean_f1(chosen)
    kinds = sorted({page.truth["page_type"] for page, _ in gold})
    if len(kinds) > 1:
        measures[f"{corpus} with gold"] = mean_f1([(p, r) for p, r in gold if p.truth["text"]])
        for kind in kinds:
            measures[f"{corpus} {kind}"] = mean_f1([(p, r) for p, r in gold if p.truth["page_type"] == kind])
    total = sum((result.snippets for _, result in scored), Snippets())
    measures[f"{corpus} leak"] = score.ratio(total.leaked, total.without_total)
    if not gold:
        measures[f"{corpus} snip acc"] = total.accuracy
        measures[f"{corpus} with"] = score.ratio(total.kept, total.with_total)
    return measures


def languages(gold):
    groups = {"de": [], "en": [], "other languages": []}
    for page, result in gold:
        groups.get(page.truth["lang"], groups["other languages"]).append((page, result))
    return groups


def mean_f1(scored):
    return score.word_f1([result for _, result in scored])
