"""What repeats itself in a dataset: copies of sentences, near copies, and templates."""

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from stanceml.corpus.datasets import Dataset, same_text
from stanceml.corpus.sentences import Span
from stanceml.corpus.templates import masked_frame, repeated_ngrams
from stanceml.corpus.units import read_units
from stanceml.quality.auditing import Check, Detail, judged

__all__ = ["duplicate_checks", "overlap_checks", "similar_pairs", "template_checks"]

#: Cosine of TF-IDF of character 4-grams within words: two words in twenty exchanged give about .9,
#: four about .8.
NEAR: Final = 0.8
#: Cosine of TF-IDF of word 1-3-grams of frames.
SAME_FRAME: Final = 0.8

_MOST_ALIKE: Final = 3
_NEAR_WITHIN: Final = 0.01
_BLOCK: Final = 500


def duplicate_checks(dataset: Dataset) -> list[Check]:
    """Look for sentences that copy another one, or nearly.

    Exact copies are equal but for case, spacing and punctuation. Near copies have the cosine `NEAR`
    or more. Copies in two groups would stand in training and test rows at once.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
    """
    sentences = _sentences(dataset)
    copies = []
    folded = sentences["text"].map(same_text)
    for _, rows in sentences[folded.duplicated(keep=False)].groupby(folded, sort=False):
        copies.append(
            {
                "sentences": ", ".join(rows["sentence"]),
                "groups": ", ".join(dict.fromkeys(rows["group"])),
                "text": rows["text"].iloc[0],
            }
        )
    matrix = _near_features(list(sentences["text"]))
    first, second, cosine = similar_pairs(matrix, matrix, NEAR)
    kept = first < second
    first, second, cosine = first[kept], second[kept], cosine[kept]
    kept = folded.to_numpy()[first] != folded.to_numpy()[second]
    pairs = list(zip(first[kept], second[kept], cosine[kept], strict=True))
    within: list[Detail] = []
    across: list[Detail] = []
    for one, other, value in sorted(pairs, key=lambda pair: -pair[2]):
        row, copy = sentences.iloc[one], sentences.iloc[other]
        found = within if row["group"] == copy["group"] else across
        found.append(_pair_of_texts(row, copy, value))
    n_copies = int(folded.duplicated().sum())
    share = len({*first[kept], *second[kept]}) / len(sentences)
    return [
        judged("duplicates", "exact copies", n_copies, high=0, details=tuple(copies)),
        judged(
            "duplicates", "near copies across groups", len(across), high=0, details=tuple(across)
        ),
        judged(
            "duplicates",
            "sentences with a near copy",
            share,
            high=_NEAR_WITHIN,
            details=tuple(within),
            remark="listed are those within a group" if within else "",
            is_share=True,
        ),
    ]


def overlap_checks(dataset: Dataset, test: Dataset) -> list[Check]:
    """Look for sentences of a test file that stand in the data too, or nearly.

    Parameters
    ----------
    dataset, test : Dataset

    Returns
    -------
    list of Check
    """
    ours, theirs = _sentences(dataset), _sentences(test)
    known = {same_text(text): number for number, text in enumerate(ours["text"])}
    exact = [
        _pair_of_texts(theirs.iloc[number], ours.iloc[known[same_text(text)]], 1.0)
        for number, text in enumerate(theirs["text"])
        if same_text(text) in known
    ]
    matrix = _near_features([*ours["text"], *theirs["text"]])
    found = similar_pairs(matrix[len(ours) :], matrix[: len(ours)], NEAR)
    near = [
        _pair_of_texts(row, copy, value)
        for one, other, value in sorted(zip(*found, strict=True), key=lambda pair: -pair[2])
        for row, copy in [(theirs.iloc[one], ours.iloc[other])]
        if same_text(row["text"]) != same_text(copy["text"])
    ]
    where = f"in {test.name}"
    return [
        judged("test file", f"exact copies {where}", len(exact), high=0, details=tuple(exact)),
        judged("test file", f"near copies {where}", len(near), high=0, details=tuple(near)),
    ]


def template_checks(dataset: Dataset) -> list[Check]:
    """Look for sentences that differ in names and numbers only, and for stock phrases.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
        How many frames come closer than `SAME_FRAME` to more than three others; and the 20 n-grams
        of five words that stand in most frames, without a bar.
    """
    sentences = _sentences(dataset)
    spans = _spans(dataset)
    frames = [
        masked_frame(text, spans[sentence])
        for sentence, text in zip(sentences["sentence"], sentences["text"], strict=True)
    ]
    words = {"analyzer": "word", "token_pattern": r"\S+", "lowercase": False}
    matrix = _tfidf(frames, ngram_range=(1, 3), **words)
    first, second, _ = similar_pairs(matrix, matrix, SAME_FRAME)
    others = np.bincount(first[first != second], minlength=len(frames))
    worst = np.argsort(-others, kind="stable")
    details = tuple(
        {"others": int(others[row]), "frame": frames[row], "text": sentences["text"].iloc[row]}
        for row in worst
        if others[row] > _MOST_ALIKE
    )
    name = f"frames alike to more than {_MOST_ALIKE} others"
    phrases = repeated_ngrams(frames)
    stock = tuple({"5-gram": ngram, "sentences": count} for ngram, count in phrases)
    highest = phrases[0][1] / len(frames) if phrases else 0.0
    return [
        judged("templates", name, len(details), high=0, details=details),
        judged(
            "templates", "sentences with the most frequent 5-gram", highest,
            details=stock, is_share=True,
        ),
    ]  # fmt: skip


def similar_pairs(
    left: csr_matrix, right: csr_matrix, bar: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the pairs of rows whose cosine reaches a bar, a block of rows at a time.

    Parameters
    ----------
    left, right : csr_matrix of shape (n_left, n_features) and (n_right, n_features)
        Rows of length one.
    bar : float
        Above 0.

    Returns
    -------
    (ndarray, ndarray, ndarray)
        Positions in `left`, positions in `right`, cosines.

    Examples
    --------
    >>> rows = csr_matrix([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> first, second, cosine = similar_pairs(rows, rows[:1], 0.5)
    >>> first.tolist(), second.tolist(), cosine.tolist()
    ([0, 1], [0, 0], [1.0, 0.6])
    """
    found = []
    columns = right.T.tocsr()
    for start in range(0, left.shape[0], _BLOCK):
        block = (left[start : start + _BLOCK] @ columns).tocoo()
        # Sums in single precision may miss the bar by their last digit.
        near = block.data >= bar - 1e-6
        found.append((block.row[near] + start, block.col[near], block.data[near]))
    first, second, cosine = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return first, second, cosine


def _near_features(texts: list[str]) -> csr_matrix:
    return _tfidf(texts, analyzer="char_wb", ngram_range=(4, 4))


def _tfidf(texts: list[str], **settings: Any) -> csr_matrix:
    return csr_matrix(
        TfidfVectorizer(**settings, sublinear_tf=True, dtype=np.float32).fit_transform(texts)
    )


def _sentences(dataset: Dataset) -> pd.DataFrame:
    rows = pd.DataFrame(
        {"sentence": dataset.sentences, "text": dataset.X["text"], "group": dataset.groups}
    )
    return rows.drop_duplicates("sentence", ignore_index=True)


def _spans(dataset: Dataset) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {name: [] for name in dataset.sentences}
    for name, unit in zip(dataset.sentences, read_units(dataset.X), strict=True):
        spans[name] += [place for place in unit.places if place]
    return spans


def _pair_of_texts(row: pd.Series, copy: pd.Series, cosine: float) -> Detail:
    return {
        "cosine": round(float(cosine), 2),
        "sentence": row["sentence"],
        "copy": copy["sentence"],
        "text": row["text"],
        "text of the copy": copy["text"],
    }
