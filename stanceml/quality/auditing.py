"""Checks of labelled rows: what a check is, and those of units, spans, labels and size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from stanceml.corpus.datasets import Dataset
from stanceml.corpus.occurrences import find_mention
from stanceml.corpus.units import Unit, read_units
from stanceml.modeling.metrics import confusion_counts
from stanceml.modeling.resampling import N_BOOTSTRAPS, bootstrap_interval
from stanceml.modeling.scoring import slice_title

__all__ = [
    "MIN_ROWS",
    "ONE_SIDED",
    "Check",
    "Detail",
    "interval_checks",
    "judged",
    "label_checks",
    "span_checks",
    "unit_checks",
]

#: From how many rows on a holder, a target or a word can be called one-sided.
MIN_ROWS: Final = 20
#: Above what share of one label it is.
ONE_SIDED: Final = 0.8

#: A row of a table of details.
Detail = dict[str, Any]

_N_FREQUENT: Final = 20
_ACCURACY: Final = 0.75
_N_SIMULATED: Final = 5


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    section : str
        What kind of thing it is; checks of one section are shown together.
    name : str
    value : float or None
        What was measured; None where it could not be, or where the details say all.
    bar : str
        What was asked of the value, in words; empty where nothing was.
    passed : bool or None
        None where there is no bar, or nothing could be measured.
    details : tuple of dict
        Rows of a table, all with the same keys: what causes the value.
    remark : str
        What a reader should know about the value.
    is_share : bool
        Whether the value is a part of a whole, to be shown in per cent.
    """

    section: str
    name: str
    value: float | None
    bar: str = ""
    passed: bool | None = None
    details: tuple[Detail, ...] = ()
    remark: str = ""
    is_share: bool = False


def judged(
    section: str,
    name: str,
    value: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    details: tuple[Detail, ...] = (),
    remark: str = "",
    is_share: bool = False,
) -> Check:
    """Hold a value against its bar, both ends of which are good enough.

    Parameters
    ----------
    section, name, value, details, remark, is_share
        As `Check` has them.
    low, high : float, optional
        The bar.

    Returns
    -------
    Check

    Examples
    --------
    >>> check = judged("shares", "quotes", 0.12, low=0.15, is_share=True)
    >>> check.bar, check.passed
    ('at least 15%', False)
    """
    ends = [
        f"{word} {end:.0%}" if is_share else f"{word} {end:,g}"
        for word, end in (("at least", low), ("at most", high))
        if end is not None
    ]
    passed = None
    if ends and value is not None:
        passed = (low is None or value >= low) and (high is None or value <= high)
    return Check(section, name, value, ", ".join(ends), passed, details, remark, is_share)


def unit_checks(dataset: Dataset) -> list[Check]:
    """Look for units that stand twice, with two labels or with one.

    A unit is the text with its holder, its target and their spans.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
    """
    labelled = dataset.X.astype(object).where(dataset.X.notna(), -1)
    labelled = labelled.assign(stance=dataset.y, id=dataset.ids)
    repeated = labelled[labelled.duplicated(list(dataset.X.columns), keep=False)]
    two_labels: list[Detail] = []
    twice: list[Detail] = []
    for _, rows in repeated.groupby(list(dataset.X.columns), sort=False):
        first = rows.iloc[0]
        found = two_labels if rows["stance"].nunique() > 1 else twice
        found.append(
            {
                "rows": ", ".join(rows["id"]),
                "labels": ", ".join(rows["stance"]),
                "holder": first["holder"],
                "target": first["target"],
                "text": first["text"],
            }
        )
    return [
        judged("units", name, len(found), high=0, details=tuple(found))
        for name, found in (("units with two labels", two_labels), ("units that repeat", twice))
    ]


def span_checks(dataset: Dataset) -> list[Check]:
    """Look for spans that do not spell their mention, and mentions that the text does not hold.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
    """
    misspelt, absent = [], []
    for name, unit in zip(dataset.ids, read_units(dataset.X), strict=True):
        for role, mention, span in _mentions(unit):
            told = {"row": name, "role": role, "mention": mention}
            if span and unit.text[slice(*span)] != mention:
                misspelt.append({**told, "span": unit.text[slice(*span)], "text": unit.text})
            elif not span and find_mention(unit.text, mention) is None:
                absent.append({**told, "text": unit.text})
    return [
        judged("spans", name, len(found), high=0, details=tuple(found))
        for name, found in (
            ("spans that do not spell their mention", misspelt),
            ("mentions that do not stand in the text", absent),
        )
    ]


def label_checks(dataset: Dataset) -> list[Check]:
    """Count the labels by kind of row, by flag, and by the most frequent holders and targets.

    A holder or target of `MIN_ROWS` pair rows or more, of which more than `ONE_SIDED` have one
    label, is one-sided: its name tells the label.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    list of Check
        Without bars.
    """
    is_pair = dataset.is_pair
    kinds = is_pair.map({True: "pair rows", False: "sentence rows"})
    checks = [_table("labels by kind of row", _shares(dataset.y, kinds))]
    pairs = dataset.y[is_pair]
    flags = []
    for flag in dataset.flags.columns[dataset.flags.any()]:
        names = dataset.flags[flag][is_pair].map({True: flag, False: f"not {flag}"})
        flags.append(_shares(pairs, names).sort_index(key=lambda index: index != flag))
    if not len(pairs):
        return checks
    if flags:
        checks.append(_table("labels of pair rows by flag", pd.concat(flags)))
    for role in ("holder", "target"):
        names = dataset.X.loc[is_pair, role].replace("", "(none)")
        shares = _shares(pairs, names).sort_values("rows", ascending=False, kind="stable")
        one_sided = shares[(shares["rows"] >= MIN_ROWS) & (shares["highest"] > ONE_SIDED)]
        shown = shares[(np.arange(len(shares)) < _N_FREQUENT) | shares.index.isin(one_sided.index)]
        remark = f"more than {ONE_SIDED:.0%} of {MIN_ROWS} pair rows or more have one label: "
        remark += ", ".join(map(str, one_sided.index)) or "none; below the most frequent"
        checks.append(
            Check(
                "labels",
                f"one-sided {role}s",
                len(one_sided),
                details=_records(shown, role),
                remark=remark,
            )
        )
    return checks


def interval_checks(dataset: Dataset, random_state: int = 0) -> list[Check]:
    """Tell how wide the 95% interval of a macro-F1 will be on rows and groups like these.

    Classifiers are simulated that are right three times in four and err at random, row by row; a
    real one errs alike within a group, and its interval is then wider.

    Parameters
    ----------
    dataset : Dataset
    random_state : int

    Returns
    -------
    list of Check
        Without bars.
    """
    truth, classes = dataset.y.to_numpy(), dataset.classes
    checks = []
    for name, rows in (
        ("all", np.arange(len(truth))),
        ("pair_rows", np.flatnonzero(dataset.is_pair)),
    ):
        if not len(rows):
            continue
        groups = np.unique(dataset.groups.to_numpy()[rows], return_inverse=True)[1]
        known = np.searchsorted(classes, truth[rows])
        widths = []
        for number in range(_N_SIMULATED):
            random = np.random.default_rng([random_state, number])
            is_wrong = random.random(len(rows)) >= _ACCURACY
            shift = np.where(is_wrong, random.integers(1, len(classes), len(rows)), 0)
            told = np.asarray(classes)[(known + shift) % len(classes)]
            confusion = confusion_counts(truth[rows], told, classes, groups)[np.newaxis]
            low, high = bootstrap_interval(confusion, classes, N_BOOTSTRAPS, number)["macro_f1"]
            widths.append(high - low)
        remark = (
            f"{len(rows)} rows in {groups.max() + 1} groups (by {dataset.group_kind}), "
            f"accuracy {_ACCURACY}"
        )
        title = f"width of the 95% interval, {slice_title(name)}"
        checks.append(Check("size", title, float(np.mean(widths)), remark=remark))
    return checks


def _mentions(unit: Unit) -> Iterator[tuple[str, str, tuple[int, int] | None]]:
    for role, mention, span in (
        ("holder", unit.holder, unit.holder_span),
        ("target", unit.target, unit.target_span),
    ):
        if mention:
            yield role, mention, span


def _shares(y: "pd.Series[str]", by: "pd.Series[str]") -> pd.DataFrame:
    counts = pd.crosstab(by.to_numpy(), y.to_numpy())
    rows = counts.sum(axis=1)
    shares = counts.div(rows, axis=0)
    highest = shares.max(axis=1) if len(shares) else rows
    return shares.assign(rows=rows, highest=highest)


def _records(shares: pd.DataFrame, of: str) -> tuple[Detail, ...]:
    return tuple(
        {
            of: str(name),
            "rows": int(row["rows"]),
            **{label: round(float(row[label]), 3) for label in shares.columns[:-2]},
        }
        for name, row in shares.iterrows()
    )


def _table(name: str, shares: pd.DataFrame) -> Check:
    return Check("labels", name, None, details=_records(shares, "of"))
