"""Pictures of an examination: learning curve, slices and probes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stanceml.examination.examination import Examination
from stanceml.reports.examination import BLIND_TITLES, Line, examination_lines
from stanceml.reports.figures import plain, tidy

__all__ = ["learning_curve", "slice_chart"]

# The colours of the other figures.
_RED, _GREY, _BLUE, _GOLD = "#c0504d", "#7f7f7f", "#3d6fa5", "#b8860b"


def learning_curve(found: Examination) -> Figure:
    """Draw macro-F1 over the number of training rows, and what is reached without the text."""
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    places = [point.n_train for point in found.curve]
    scores = [point.macro_f1 for point in found.curve]
    low, high = [s.low for s in scores], [s.high for s in scores]
    axes.fill_between(places, low, high, color=_BLUE, alpha=0.18, linewidth=0)
    axes.plot(places, [s.value for s in scores], "o-", color=_BLUE, label=found.experiment)
    for place, score in zip(places, scores, strict=True):
        axes.annotate(
            f"{score.value:.3f}",
            (place, score.high),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            color=_BLUE,
        )
    for (name, comparison), colour in zip(found.blind.items(), (_GREY, _GOLD), strict=False):
        axes.axhline(
            comparison.other.value,
            color=colour,
            linestyle="--",
            linewidth=1.3,
            label=f"{BLIND_TITLES[name]}, all sentences: {comparison.other.value:.3f}",
        )
    values = [*low, *high, *(c.other.value for c in found.blind.values())]
    axes.set_ylim(max(0, min(values) - 0.05), min(1, max(values) + 0.07))
    axes.set_xscale("log")
    axes.set_xticks(
        places, [f"{p.n_train:,}\n{p.share:.0%}" for p in found.curve], fontsize="small"
    )
    axes.minorticks_off()
    axes.set_xlabel("training rows of a fold, and share of its sentences")
    axes.set_ylabel("macro-F1, with 95% interval")
    title = f"{found.experiment} on {found.data}: would more sentences help?"
    axes.set_title(plain(title), loc="left")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    tidy(axes, "y")
    return figure


def slice_chart(found: Examination) -> Figure:
    """Draw macro-F1 over all kinds of rows and under every probe, with the usual score beside."""
    sections = [
        (title, [line for line in lines if line.measure == "macro-F1"])
        for title, lines in examination_lines(found).items()
        if not title.startswith("trained on")
    ]
    sections = [(title, lines) for title, lines in sections if lines]
    height = sum(1.5 + len(lines) for _, lines in sections)
    figure = Figure(figsize=(8.2, 1.2 + 0.24 * height), layout="constrained")
    axes = figure.subplots()
    places: list[float] = []
    labels: list[str] = []
    place = 0.0
    for number, (title, lines) in enumerate(sections):
        axes.text(
            0.006,
            place,
            title,
            transform=axes.get_yaxis_transform(),
            color="#444444",
            va="center",
            style="italic",
            fontsize="small",
        )
        for line in lines:
            place += 1
            _dot(axes, place, line)
            places.append(place)
            labels.append(plain(f"{line.title} ({line.n_rows:,})"))
        place += 1.5 if number < len(sections) - 1 else 0.7
    usual = found.report.primary.value
    axes.axvline(usual, color=_BLUE, linewidth=0.8, alpha=0.6, zorder=0)
    axes.set_yticks(places, labels, fontsize="small")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(place, -0.8)
    least = min(line.score.low for _, lines in sections for line in lines)
    axes.set_xlim(max(0, np.floor(least * 10 - 0.5) / 10), 1)
    axes.set_xlabel("macro-F1, with 95% interval (rows in brackets; the line: all rows as usual)")
    title = f"{found.experiment} on {found.data}: where the score comes from"
    axes.set_title(plain(title), loc="left")
    handles = [
        axes.plot([], [], "o", color=_BLUE, label="as usual")[0],
        axes.plot([], [], "o", color=_RED, label="probed, or without the text")[0],
        axes.plot([], [], "o", mfc="white", color=_GREY, label="same rows as usual")[0],
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
    tidy(axes, "x")
    return figure


def _dot(axes: Axes, place: float, line: Line) -> None:
    colour = _RED if line.usual else _BLUE
    if line.usual:
        axes.plot(line.usual.value, place, "o", mfc="white", color=_GREY, markersize=5, zorder=2)
    axes.hlines(place, line.score.low, line.score.high, color=colour, zorder=2)
    axes.plot(line.score.value, place, "o", color=colour, markersize=5, zorder=3)
