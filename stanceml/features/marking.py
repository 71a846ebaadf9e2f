"""The holder and the target marked in the text, so that the words around them can be told apart."""

from typing import Final

from stanceml.corpus.units import Unit

__all__ = ["MARKS", "marked_text"]

# Unicode noncharacters: valid in any string, never assigned, never in interchanged text.
_HOLDER, _HOLDER_END, _TARGET, _TARGET_END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"

#: The marks, and how they are shown to people.
MARKS: Final = {
    _HOLDER: "⟨holder",
    _HOLDER_END: "holder⟩",
    _TARGET: "⟨target",
    _TARGET_END: "target⟩",
}

# A text that holds a mark already could forge one.
_FORGED: Final = dict.fromkeys(map(ord, MARKS), "\ufffd")


def marked_text(unit: Unit) -> str:
    r"""Put marks around the holder and the target of a unit.

    A mention without a span is sought in the text by its name; one that the text does not hold is
    put behind it, marked.

    Parameters
    ----------
    unit : Unit

    Returns
    -------
    str
        The text itself where holder and target are empty.

    Examples
    --------
    >>> text = marked_text(Unit("NATO backs Kyiv.", holder="NATO", target="Kyiv"))
    >>> for mark, shown in MARKS.items():
    ...     text = text.replace(mark, shown + " " if mark in "\ufdd0\ufdd2" else " " + shown)
    >>> text
    '⟨holder NATO holder⟩ backs ⟨target Kyiv target⟩.'
    """
    text = unit.text.translate(_FORGED)
    inserts: list[tuple[int, int, str]] = []
    absent = ""
    holder, target = unit.places
    for mention, found, begin, end in (
        (unit.holder, holder, _HOLDER, _HOLDER_END),
        (unit.target, target, _TARGET, _TARGET_END),
    ):
        if not mention:
            continue
        if found is None:
            absent += f" {begin}{mention.translate(_FORGED)}{end}"
        else:
            # At one place an end stands before a beginning.
            inserts += [(found[0], 1, begin), (found[1], 0, end)]
    for position, _, mark in sorted(inserts, reverse=True):
        text = text[:position] + mark + text[position:]
    return text + absent
