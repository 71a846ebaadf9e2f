"""How far labels can be guessed without the sentence: from names, length and position alone."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge

from stanceml.corpus.datasets import Dataset
from stanceml.corpus.units import Unit, read_units
from stanceml.features.parsing import parse
from stanceml.features.spaces import NgramSpace
from stanceml.modeling.counting import count_ngrams, mention_blocks
from stanceml.modeling.metrics import confusion_counts, metric_values
from stanceml.modeling.resampling import N_BOOTSTRAPS, bootstrap_interval, permuted_labels
from stanceml.modeling.splits import folds
from stanceml.quality.auditing import MIN_ROWS, Check, Detail, judged
from stanceml.stances import Source

__all__ = ["N_STEPS", "blind_checks"]

_SECTION: Final = "text-blind baselines"
#: Macro-F1 above chance, upper end of its interval.
_BAR: Final = 0.05
_N_SPLITS: Final = 5
_ALPHA: Final = 1.0
# Rarer n-grams hardly ever stand in training and test rows both: with all of them the scores on
# the project's own corpus are .01 higher, and the solving takes several times as long.
_MOST_FEATURES: Final = 4000
_N_WORDS: Final = 20
_ROLES: Final[tuple[Source, ...]] = ("holder", "target")
_BASELINES: Final = ("holder", "target", "holder and target", "sentence length", "position")
#: How often `blind_checks` calls `step`.
N_STEPS: Final = len(_BASELINES) * _N_SPLITS

Matrices = tuple[csr_matrix, csr_matrix]
MatricesOf = Callable[[np.ndarray, np.ndarray], Matrices]


def blind_checks(
    dataset: Dataset,
    n_permutations: int = 200,
    random_state: int = 0,
    step: Callable[[], None] = lambda: None,
) -> list[Check]:
    """Guess the labels of pair rows without reading the sentence.

    Each baseline is a ridge classifier, its classes given equal weight, cross-validated by group
    (by sentence where there are fewer than five groups). The same folds, features and solver are
    used for labels permuted by sentence: what the real labels score above the mean of those is what
    the names, the length or the position tell.

    Parameters
    ----------
    dataset : Dataset
    n_permutations, random_state : int
    step : callable
        Called when a fold is done, `N_STEPS` times.

    Returns
    -------
    list of Check
        One for each of holder, target, both, sentence length, and position. The value is the upper
        end of the 95% interval, by drawing groups, of the macro-F1 above chance. Then, without
        bars, all scores, and the words of the mentions that tell most.

    References
    ----------
    Poliak and others, "Hypothesis only baselines in natural language inference", *SEM 2018, on why
    a dataset needs them; Ojala and Garriga, "Permutation tests for studying classifier
    performance", JMLR 11, 2010, p. 1833.
    """
    rows = np.flatnonzero(dataset.is_pair)
    y, sentences = dataset.y.to_numpy()[rows], dataset.sentences.to_numpy()[rows]
    groups, group_kind = dataset.groups.to_numpy()[rows], dataset.group_kind
    if len(set(groups)) < _N_SPLITS:
        groups, group_kind = sentences, "sentence"
    if len(set(groups)) < _N_SPLITS or len(set(y)) < 2:
        why = f"not measured: {len(rows)} pair rows in {len(set(groups))} sentences"
        return [judged(_SECTION, _title(name), None, high=_BAR, remark=why) for name in _BASELINES]

    X = dataset.X.iloc[rows].reset_index(drop=True)
    units = read_units(X)
    blocks = {role: mention_blocks(role, min_df=2) for role in _ROLES}
    both = [*blocks["holder"], *blocks["target"]]
    counts = count_ngrams(X, both)
    features: dict[str, MatricesOf] = {
        "holder": lambda train, test: counts.features(blocks["holder"], train, test),
        "target": lambda train, test: counts.features(blocks["target"], train, test),
        "holder and target": lambda train, test: counts.features(both, train, test),
        "sentence length": _binned([_length(unit) for unit in units]),
        "position": _binned([_position(unit) for unit in units]),
    }
    is_pair = np.ones(len(y), dtype=bool)
    permuted = [
        permuted_labels(y, sentences, is_pair, np.random.default_rng([random_state, number]))
        for number in range(n_permutations)
    ]
    classes = sorted(set(y))
    labels = np.searchsorted(classes, np.stack([y, *permuted], axis=1))
    parts = list(folds(y, groups, _N_SPLITS, random_state, group_kind))
    numbers = np.unique(groups, return_inverse=True)[1]
    told: list[Detail] = []
    checks = []
    for name in _BASELINES:
        guessed = _out_of_fold(features[name], labels, parts, len(classes), step)
        scores = _scores(labels, guessed, numbers, classes, random_state)
        told.append({"features": name, **scores})
        checks.append(judged(_SECTION, _title(name), scores["to"], high=_BAR))
    return [
        *checks,
        Check(_SECTION, "macro-F1 and chance", None, details=tuple(told)),
        *(_telling_words(role, units, y) for role in _ROLES),
    ]


def _title(baseline: str) -> str:
    return f"above chance from {baseline}"


def _out_of_fold(
    features: MatricesOf,
    labels: np.ndarray,
    parts: list[tuple[np.ndarray, np.ndarray]],
    n_classes: int,
    step: Callable[[], None],
) -> np.ndarray:
    """Guess every row's label from the other folds, for all columns of labels at once."""
    guessed = np.zeros_like(labels)
    for train, test in parts:
        X_train, X_test = _most_frequent(*features(train, test))
        is_label = labels[train][:, :, np.newaxis] == np.arange(n_classes)
        # Deviations in units of the class's share: every class weighs the same, and as macro-F1
        # asks, the rare one is guessed as readily as the frequent one.
        share = np.maximum(is_label.mean(axis=0), 1 / len(train))
        deviation = ((is_label - share) / share).reshape(len(train), -1).astype(np.float32)
        # One factorisation serves all right-hand sides.
        ridge = Ridge(alpha=_ALPHA, fit_intercept=False, solver="cholesky")
        # What rounding errors alone tell apart is a tie.
        scores = ridge.fit(X_train, deviation).predict(X_test).round(4)
        guessed[test] = scores.reshape(len(test), -1, n_classes).argmax(axis=-1)
        step()
    return guessed


def _scores(
    labels: np.ndarray,
    guessed: np.ndarray,
    groups: np.ndarray,
    classes: list[str],
    random_state: int,
) -> dict[str, float]:
    codes = list(range(len(classes)))
    real = confusion_counts(labels[:, 0], guessed[:, 0], codes, groups)
    n_rows, n_columns = labels.shape
    column = np.tile(np.arange(n_columns), n_rows)
    scores = metric_values(
        confusion_counts(labels.ravel(), guessed.ravel(), codes, column), classes
    )["macro_f1"]
    by_chance = float(scores[1:].mean())
    low, high = bootstrap_interval(
        real[np.newaxis], classes, N_BOOTSTRAPS, random_state
    )["macro_f1"]  # fmt: skip
    return {
        "macro-F1": float(scores[0]),
        "by chance": by_chance,
        "above chance": float(scores[0]) - by_chance,
        "from": low - by_chance,
        "to": high - by_chance,
        # The real labels count as one permutation (Phipson and Smyth 2010).
        "p": float((scores >= scores[0] - 1e-12).mean()),
    }


def _telling_words(role: Source, units: list[Unit], y: np.ndarray) -> Check:
    """List the words of a mention that speak most for a label, farthest from its usual share."""
    space = NgramSpace(role, "word", (1, 1))
    usual = {label: count / len(y) for label, count in Counter(y.tolist()).items()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, label in zip(units, y.tolist(), strict=True):
        if getattr(unit, role):
            for word in set(space.ngrams(unit)):
                counts[word][label] += 1
    found: list[tuple[float, Detail]] = []
    for word, by_label in counts.items():
        rows = by_label.total()
        for label, count in by_label.items() if rows >= MIN_ROWS else ():
            spread = (rows * usual[label] * (1 - usual[label])) ** 0.5
            share = round(count / rows, 3)
            told = {"word": word, "rows": rows, "label": label, "share": share}
            found.append(((count - rows * usual[label]) / spread, told))
    found.sort(key=lambda item: (-item[0], item[1]["word"]))
    most = tuple(told for _, told in found[:_N_WORDS])
    remark = ", ".join(f"{label} {share:.3f}" for label, share in sorted(usual.items()))
    return Check(
        _SECTION, f"words of the {role} that tell most", None, details=most,
        remark=f"words of {MIN_ROWS} pair rows or more; of all: {remark}",
    )  # fmt: skip


def _most_frequent(train: csr_matrix, test: csr_matrix) -> Matrices:
    if train.shape[1] > _MOST_FEATURES:
        frequency = np.bincount(train.indices, minlength=train.shape[1])
        kept = np.sort(np.argsort(-frequency, kind="stable")[:_MOST_FEATURES])
        train, test = train[:, kept], test[:, kept]
    if not train.shape[1]:
        # Without a feature every label is as good as another.
        train, test = csr_matrix((train.shape[0], 1)), csr_matrix((test.shape[0], 1))
    return train.astype(np.float32), test.astype(np.float32)


def _binned(bins: list[list[str]]) -> MatricesOf:
    # The bins are fixed, so that nothing is learned from the test rows.
    matrix = csr_matrix(CountVectorizer(analyzer=list).fit_transform(bins))
    return lambda train, test: (matrix[train], matrix[test])


def _length(unit: Unit) -> list[str]:
    return [f"{min(len(unit.text.split()) // 3, 15)}"]


def _position(unit: Unit) -> list[str]:
    parsed = parse(unit)
    seen = [parsed.order]
    for role, place in (("holder", parsed.holder), ("target", parsed.target)):
        seen.append(f"{role} {10 * place[0] // len(parsed.words) if place else 'absent'}")
    if parsed.holder and parsed.target:
        seen.append(f"apart {min(abs(parsed.holder[0] - parsed.target[0]) // 3, 8)}")
    return seen
