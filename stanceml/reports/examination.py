"""What an examination found: lines for a table, and sentences for people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stanceml.examination.comparing import Comparison
from stanceml.examination.examination import Examination
from stanceml.modeling.reliability import Reliability
from stanceml.modeling.resampling import Score
from stanceml.modeling.scoring import PRIMARY, SliceReport, is_flag, slice_title

__all__ = ["BLIND_TITLES", "Line", "examination_lines", "findings"]

#: How the baselines that never read the text are called.
BLIND_TITLES: Final = {"holder_only": "holder only", "target_only": "target only"}


@dataclass(frozen=True)
class Line:
    """One measured value: of what, over how many rows, and beside what it is to be seen.

    `usual` is the usual score of the same rows where there is one to compare with.
    """

    title: str
    n_rows: int | None
    measure: str
    score: Score
    usual: Score | None = None
    difference: Score | None = None
    note: str = ""


def examination_lines(found: Examination) -> dict[str, list[Line]]:
    """Lay an examination out as sections of lines.

    Parameters
    ----------
    found : Examination

    Returns
    -------
    dict of str to list of Line
        The sections that have any line, under their titles.
    """
    n_rows = found.report.slices["all"].n_rows
    sections = {
        "as in training": _slice_lines(found, lambda name: not (is_flag(name) or ":" in name)),
        "by flag": _slice_lines(found, is_flag),
        "by kind of row": _slice_lines(found, lambda name: ":" in name),
        "baselines that never read the text": [
            _compared(BLIND_TITLES[name], comparison) for name, comparison in found.blind.items()
        ],
        "never met in training": [
            _compared(
                f"{part}s never seen",
                unseen.comparison,
                f"{unseen.n_entities:,} {part}s in {unseen.n_folds} folds; both trained on "
                f"{unseen.train_share:.0%} of the rows",
            )
            for part, unseen in found.unseen.items()
        ],
        "invented names in the test rows": [
            _compared(slice_title(name), comparison) for name, comparison in found.masked.items()
        ],
        "direction": _swap_lines(found),
        "trained on a share of the sentences": [
            Line(f"{point.share:.0%}, {point.n_train:,} rows", n_rows, "macro-F1", point.macro_f1)
            for point in found.curve
        ],
        "probabilities": _probability_lines(found.reliability),
        "answers only where sure enough": _abstention_lines(found),
        "sets of labels": _set_lines(found),
    }
    return {title: lines for title, lines in sections.items() if lines}


def findings(found: Examination) -> list[str]:
    """Say in sentences what the numbers show, and what they do not."""
    told = []
    if found.blind:
        name, strongest = max(found.blind.items(), key=lambda item: item[1].other.value)
        gain = strongest.difference
        told.append(
            f"Without reading the text, {BLIND_TITLES[name]} reaches {strongest.other.value:.3f}; "
            f"the experiment {strongest.usual.value:.3f}, {-gain.value:+.3f} "
            f"[{-gain.high:+.3f}, {-gain.low:+.3f}]"
            + _verdict(gain, " more.", " less.", ", no difference that this data can tell.")
        )
    for part, unseen in found.unseen.items():
        told.append(
            f"Where no training sentence names the {part}, macro-F1 {_change(unseen.comparison)}, "
            f"beside training on as many rows that may name it ({unseen.train_share:.0%} of all)."
        )
    where = "pair_rows" if "pair_rows" in found.masked else "all"
    told.append(
        f"With invented names, macro-F1 of {slice_title(where)} {_change(found.masked[where])}."
    )
    if found.swap:
        changed = found.swap.changed
        told.append(
            f"{changed:.0%} of the answers change "
            "when holder and target are exchanged: the others would be given to either direction."
        )
    told.append(
        "Thresholds and quantiles are chosen on these very rows. What to expect of others is what "
        "was measured on the other half of the groups; its range is that over 100 halves."
    )
    return [*told, *found.remarks]


def _slice_lines(found: Examination, belongs: Callable[[str], bool]) -> list[Line]:
    return [
        _slice_line(name, part, found.report.classes)
        for name, part in found.report.slices.items()
        if belongs(name)
    ]


def _slice_line(name: str, part: SliceReport, classes: list[str]) -> Line:
    title, macro_f1 = slice_title(name), part.scores[PRIMARY]
    occur = [label for label, row in zip(classes, part.confusion, strict=True) if sum(row)]
    if len(occur) > 1:
        absent = ", ".join(label for label in classes if label not in occur)
        note = f"no row is {absent}" if absent else ""
        return Line(title, part.n_rows, "macro-F1", macro_f1, note=note)
    # A mean over labels that never occur is no score: a single mistake brings one in as a zero.
    note = f"every row is {occur[0]}: no macro-F1"
    return Line(title, part.n_rows, "recall", part.scores[f"recall_{occur[0]}"], note=note)


def _compared(title: str, comparison: Comparison, note: str = "") -> Line:
    return Line(
        title,
        comparison.n_rows,
        "macro-F1",
        comparison.other,
        comparison.usual,
        comparison.difference,
        note,
    )


def _swap_lines(found: Examination) -> list[Line]:
    swap = found.swap
    if swap is None:
        return []
    lines = [Line("answers that change when exchanged", swap.n_rows, "share", swap.changed)]
    if swap.both_ways:
        lines.append(Line("labelled both ways", swap.n_both_ways, "macro-F1", swap.both_ways))
    if swap.told_apart:
        title = "both ways, with two labels"
        lines.append(Line(title, swap.n_opposed, "accuracy", swap.told_apart))
    return lines


def _probability_lines(measured: Reliability) -> list[Line]:
    return [
        Line(
            "expected calibration error",
            measured.n_rows,
            "0 is best",
            measured.calibration_error,
            note=f"by chance alone {measured.calibration_error_by_chance:.3f}",
        ),
        Line(
            "Brier score",
            measured.n_rows,
            "0 is best",
            measured.brier,
            note=f"classes' shares alone {measured.brier_of_shares:.3f}",
        ),
    ]


def _abstention_lines(found: Examination) -> list[Line]:
    lines = []
    for asked in found.abstention:
        title = f"{asked.wanted:.0%} right wanted"
        note = "no threshold reaches it"
        if asked.threshold is not None:
            note = (
                f"p >= {asked.threshold:.3f}; on the rows chosen on {asked.chosen_coverage:.0%} "
                f"answered, {asked.chosen_precision:.0%} right"
            )
        lines.append(Line(title, None, "answered", asked.coverage, note=note))
        if asked.precision:
            held = f"reached in {asked.reached:.0%} of the halves"
            lines.append(Line(title, None, "right", asked.precision, note=held))
    return lines


def _set_lines(found: Examination) -> list[Line]:
    lines = []
    for sets in found.label_sets:
        title = f"{sets.wanted:.0%} covered wanted"
        note = f"labels with p >= {1 - sets.quantile:.3f}"
        lines.append(Line(title, None, "covered", sets.coverage, note=note))
        lines.append(Line(title, None, "labels", sets.size))
        lines.append(Line(title, None, "single label", sets.single))
    return lines


def _change(comparison: Comparison) -> str:
    verb = _verdict(comparison.difference, "falls", "rises", "goes")
    nothing = _verdict(comparison.difference, "", "", ", no change that this data can tell")
    return (
        f"{verb} from {comparison.usual.value:.3f} to {comparison.other.value:.3f} "
        f"({comparison.difference:+.3f}){nothing}"
    )


def _verdict(difference: Score, below: str, above: str, unclear: str) -> str:
    """Choose by whether the interval of a difference lies below zero, above it, or holds it."""
    if difference.high < 0:
        return below
    return above if difference.low > 0 else unclear
