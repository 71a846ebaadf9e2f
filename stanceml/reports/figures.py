"""Pictures of results, each a matplotlib figure that belongs to nobody's screen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stanceml.features.marking import MARKS
from stanceml.modeling.evaluation import CrossValidation
from stanceml.modeling.reliability import Reliability
from stanceml.modeling.scoring import Report, SliceReport, slice_title

__all__ = [
    "class_bars",
    "confusion_matrix",
    "leaderboard_chart",
    "ngram_chart",
    "plain",
    "readable",
    "reliability_diagram",
    "tidy",
]

_COLOURS = ("#c0504d", "#4f8a5b", "#7f7f7f", "#3d6fa5", "#b8860b", "#6a4c93")


def confusion_matrix(report: Report) -> Figure:
    """Draw which label was predicted for which: counts, and shares of the true label as shades."""
    part = report.slices["all"]
    n = len(report.classes)
    figure = Figure(figsize=(2.6 + 0.9 * n, 2.0 + 0.8 * n), layout="constrained")
    axes = figure.subplots()
    totals = [max(sum(row), 1e-12) for row in part.confusion]
    shares = [
        [count / total for count in row] for row, total in zip(part.confusion, totals, strict=True)
    ]
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for true, row in enumerate(part.confusion):
        for predicted, count in enumerate(row):
            colour = "white" if shares[true][predicted] > 0.6 else "black"
            axes.text(predicted, true, f"{count:.1f}", ha="center", va="center", color=colour)
    labels = [plain(label) for label in report.classes]
    axes.set_xticks(range(n), labels)
    axes.set_yticks(range(n), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(
        f"{part.n_rows} rows, mean of {report.n_repeats} repeats"
        if report.n_repeats > 1
        else f"{part.n_rows} rows"
    )
    figure.colorbar(image, label="share of the true label", shrink=0.8)
    return figure


def class_bars(report: Report) -> Figure:
    """Draw precision, recall and F1 of each class with their 95% intervals."""
    part = report.slices["all"]
    figure = Figure(figsize=(2.4 + 1.6 * len(report.classes), 3.6), layout="constrained")
    axes = figure.subplots()
    for offset, metric in enumerate(("precision", "recall", "f1")):
        scores = [part.scores[f"{metric}_{label}"] for label in report.classes]
        places = [number + (offset - 1) * 0.26 for number in range(len(report.classes))]
        values = [score.value for score in scores]
        axes.bar(places, values, width=0.24, color=_COLOURS[3 - offset], label=metric)
        axes.vlines(
            places, [score.low for score in scores], [score.high for score in scores], color="black"
        )
    axes.set_xticks(range(len(report.classes)), [plain(label) for label in report.classes])
    axes.set_ylim(0, 1)
    axes.set_ylabel("score, with 95% interval")
    axes.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.14), frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def ngram_chart(rows: Sequence[dict[str, Any]], per_class: int = 12) -> Figure | None:
    """Draw the n-grams that speak most for each class; nothing where the model has none."""
    labels = list(dict.fromkeys(row["stance"] for row in rows))
    if not labels:
        return None
    figure = Figure(figsize=(3.4 * len(labels), 0.8 + 0.28 * per_class), layout="constrained")
    panels = figure.subplots(1, len(labels), squeeze=False)[0]
    for number, (label, axes) in enumerate(zip(labels, panels, strict=True)):
        chosen = [row for row in rows if row["stance"] == label][:per_class]
        places = range(len(chosen))
        axes.barh(places, [row["weight"] for row in chosen], color=_COLOURS[number % len(_COLOURS)])
        axes.set_yticks(places, [plain(readable(row["ngram"])) for row in chosen])
        axes.invert_yaxis()
        axes.set_title(plain(label))
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("coefficient less the mean over the classes", fontsize="medium")
    return figure


def leaderboard_chart(results: Sequence[CrossValidation]) -> Figure:
    """Draw every experiment's macro-F1 with its 95% interval, over all rows and by kind of row."""
    ranked = sorted(results, key=lambda result: result.report.primary.value)
    parts = list(ranked[0].report.main_slices)
    figure = Figure(figsize=(8, 1.1 + 0.5 * len(ranked)), layout="constrained")
    axes = figure.subplots()
    for offset, part in enumerate(parts):
        scores = [result.report.slices[part].scores["macro_f1"] for result in ranked]
        places = [number - (offset - (len(parts) - 1) / 2) * 0.2 for number in range(len(ranked))]
        colour = _COLOURS[3 - offset]
        axes.hlines(places, [s.low for s in scores], [s.high for s in scores], color=colour)
        axes.plot(
            [s.value for s in scores],
            places,
            "o",
            color=colour,
            label=_shown(part, ranked[0].report.slices[part]),
        )
    axes.set_yticks(range(len(ranked)), [_titled(result) for result in ranked])
    axes.set_xlim(0, 1)
    axes.set_xlabel("cross-validated macro-F1, with 95% interval")
    axes.legend(loc="lower right", frameon=False)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def reliability_diagram(measured: Reliability, title: str = "") -> Figure:
    """Draw how often the label was right over how probable the model said it was.

    Parameters
    ----------
    measured : Reliability
    title : str
        Whose probabilities they are.

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(5.4, 5.2), layout="constrained")
    axes = figure.subplots()
    sure = [part.confidence for part in measured.bins]
    accuracy = [part.accuracy for part in measured.bins]
    axes.plot(
        [0, 1], [0, 1], "--", color=_COLOURS[2], linewidth=1, label="probabilities without fault"
    )
    axes.vlines(sure, [s.low for s in accuracy], [s.high for s in accuracy], color=_COLOURS[3])
    share = max(part.share for part in measured.bins)
    axes.plot(
        sure,
        [s.value for s in accuracy],
        "o-",
        color=_COLOURS[3],
        label=f"measured, 95% interval (a dot: {share:.0%} of the rows)",
    )
    least = min([*sure, *(s.low for s in accuracy)])
    start = max(0.0, np.floor(least * 10 - 0.3) / 10)
    axes.set_xlim(start, 1)
    axes.set_ylim(start, 1)
    axes.set_xlabel("probability of the label that was given")
    axes.set_ylabel("share of right labels")
    axes.text(
        0.97,
        0.04,
        f"calibration error {measured.calibration_error}\n"
        f"by chance alone {measured.calibration_error_by_chance:.3f}\n"
        f"Brier score {measured.brier}\n"
        f"classes' shares alone {measured.brier_of_shares:.3f}",
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize="small",
        linespacing=1.5,
    )
    rows = f"{measured.n_rows:,} rows in {measured.n_groups:,} groups"
    axes.set_title(plain(f"{title}: {rows}" if title else rows), loc="left")
    axes.legend(loc="upper left", frameon=False, fontsize="small")
    tidy(axes, "both")
    return figure


def plain(text: str) -> str:
    r"""Write a text so that matplotlib shows it as it is.

    Examples
    --------
    >>> print(plain("from $5 to $9"))
    from \$5 to \$9
    """
    # A dollar sign would begin a formula in matplotlib; marks without a shape, such as those that
    # turn the direction of what follows, would change what is read.
    shown = "".join(sign if sign.isprintable() else "∅" for sign in text)
    return shown.replace("$", r"\$")


def tidy(axes: Axes, grid: str) -> None:
    """Draw a faint grid along `x`, `y` or `both`, and take the frame away."""
    axes.grid(axis=grid, alpha=0.25)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def readable(ngram: str) -> str:
    """Make an n-gram fit for the eye: marks spelled out, spaces of character n-grams shown.

    Examples
    --------
    >>> readable(" of ")
    '␣of␣'
    """
    shown = ngram
    for mark, name in MARKS.items():
        shown = shown.replace(mark, name)
    shown = "".join(c if c.isprintable() and not "\ufdd0" <= c <= "\ufdef" else "∅" for c in shown)
    padded = shown != shown.strip()
    return shown.replace(" ", "␣") if padded else shown


def _shown(part: str, report: SliceReport) -> str:
    return plain(f"{slice_title(part)} ({report.n_rows})")


def _titled(result: CrossValidation) -> str:
    name = result.experiment.name
    return f"{name} (baseline)" if result.experiment.is_baseline else name
