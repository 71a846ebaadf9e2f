"""The model card: what a model is, how well it does and what it cannot do, in markdown."""

import re
from typing import Any

from stanceml.inference.manifest import PIPELINE_FILE, Manifest
from stanceml.modeling.resampling import Score
from stanceml.modeling.scoring import PRIMARY, is_flag, slice_title

__all__ = ["code", "model_card", "plain", "reliability_remark", "size_remark"]

_MARKUP = re.compile(r"[\\`*_{}\[\]<>|#~&$]")


def model_card(manifest: Manifest) -> str:
    """Write the card of a saved model out of its manifest."""
    data, report = manifest.data, manifest.report
    spaces = [
        f"- {space.source}, {space.kind} {space.orders[0]} to {space.orders[1]}: "
        f"{space.n_features:,} n-grams"
        for space in manifest.spaces
    ]
    lines = [
        f"# {plain(manifest.name)}",
        "",
        f"Labels {', '.join(map(code, manifest.classes))}: the stance of a holder "
        "towards a target in a sentence, or of the sentence as a whole.",
        "",
        f"- classifier: {manifest.classifier}, experiment `{manifest.config['name']}` "
        f"(config digest `{manifest.config_digest[:12]}`)",
        f"- trained on: {code(data.name)} (digest `{data.digest[:12]}`), {data.n_rows} rows in "
        f"{data.n_groups} groups by {code(data.group_kind)}",
        "- probabilities: `softmax(inverse temperature × scores)`, inverse temperature "
        f"{manifest.calibration.inverse_temperature:.4g}, fitted on held-out groups; the label is "
        "always the most probable one",
        *spaces,
        "",
        "## Cross-validated scores",
        "",
        f"{manifest.config['evaluation']['n_splits']} folds by {code(report['group_kind'])}, "
        f"{report['n_repeats']} repeats; 95% intervals by drawing groups; p-values from labels "
        "permuted by sentence, over the first repeat.",
        "",
        *_scores(report),
    ]
    if manifest.test_report:
        lines += ["", "## Scores on the test file", "", *_scores(manifest.test_report)]
    lines += [
        "",
        "## Limits",
        "",
        f"- {size_remark(report, code(report['group_kind']))}",
        "- The model knows the words of its training rows. On other topics, other languages or "
        "other kinds of text its labels mean little; measure it there with `stanceml evaluate`.",
        "- The probabilities are those of a text drawn from data like the training rows; their "
        "mean over many texts is no estimate of how common a stance is.",
        f"- `{PIPELINE_FILE}` is a pickle: load it only if you trust where it comes from. "
        "No command of stanceml loads it.",
        "",
        "## Versions",
        "",
        *(f"- {name} {number}" for name, number in manifest.versions.items()),
        "",
    ]
    return "\n".join(lines)


def plain(text: str) -> str:
    r"""Write a text so that a markdown page, or a cell of a table in it, shows it as it is.

    Examples
    --------
    >>> print(plain("<b>pro|con</b>"))
    \<b\>pro\|con\</b\>
    """
    return _MARKUP.sub(r"\\\g<0>", _visible(text))


def code(text: str) -> str:
    """Write a name as code of a markdown page, whatever signs it has.

    Examples
    --------
    >>> code("favor"), code("a`b")
    ('`favor`', '`` a`b ``')
    """
    shown = _visible(text)
    if "`" not in shown:
        return f"`{shown}`"
    fence = "`" * (max(map(len, re.findall("`+", shown))) + 1)
    return f"{fence} {shown} {fence}"


def _visible(text: str) -> str:
    # Line ends would end the cell; marks that turn the direction would turn the page's.
    return "".join(sign if sign.isprintable() else "∅" for sign in text)


def size_remark(report: dict[str, Any], group_kind: str | None = None) -> str:
    """Say how small the data is, and what that means for the numbers.

    `group_kind` is how the page writes what the groups are, where that is not plain text.
    """
    part = report["slices"]["all"]
    score = part["scores"]["macro_f1"]
    width = score["high"] - score["low"]
    return (
        f"{part['n_rows']} rows in {part['n_groups']} groups "
        f"(by {group_kind or report['group_kind']}): the 95% "
        f"interval of macro-F1 is {width:.3f} wide, {score['low']:.3f} to {score['high']:.3f}. "
        f"Experiments that differ by less than about {width / 2:.3f} cannot be told apart on "
        "this data."
    )


def reliability_remark(report: dict[str, Any]) -> str:
    """Say how far the probabilities of a report can be taken at their word."""
    measured = report["reliability"]
    return (
        f"Probabilities: calibration error {_cell(measured['calibration_error'])} "
        f"(by chance alone {measured['calibration_error_by_chance']:.3f}), Brier score "
        f"{_cell(measured['brier'])} (classes' shares alone {measured['brier_of_shares']:.3f})."
    )


def _scores(report: dict[str, Any]) -> list[str]:
    return [*_table(report), "", reliability_remark(report)]


def _table(report: dict[str, Any]) -> list[str]:
    parts = {name: part for name, part in report["slices"].items() if not is_flag(name)}
    lines = [
        "| metric | "
        + " | ".join(f"{slice_title(name)} ({part['n_rows']})" for name, part in parts.items())
        + " |",
        "|---|" + "---|" * len(parts),
    ]
    for metric in parts["all"]["scores"]:
        cells = [_cell(part["scores"][metric]) for part in parts.values()]
        lines.append(f"| {_cell_name(metric)} | " + " | ".join(cells) + " |")
    flags = {name: part for name, part in report["slices"].items() if is_flag(name)}
    if flags:
        lines += ["", f"| rows with the flag | rows | {PRIMARY} |", "|---|---|---|"]
        lines += [
            f"| {plain(slice_title(name))} | {part['n_rows']} | {_cell(part['scores'][PRIMARY])} |"
            for name, part in flags.items()
        ]
    return lines


def _cell_name(metric: str) -> str:
    # Names of ours have low lines inside words, which markdown leaves alone.
    return metric if re.fullmatch(r"\w+", metric) else plain(metric)


def _cell(score: dict[str, Any]) -> str:
    p_value = "" if score["p_value"] is None else f", p {score['p_value']:.3f}"
    return f"{Score(**score)}{p_value}"
