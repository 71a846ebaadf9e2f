"""Which column of a user's table is which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from stanceml.exceptions import DataError, nearest
from stanceml.stances import FLAGS
from stanceml.tables.rows import Row

__all__ = ["Columns", "flags_borne", "require"]

# How a table says that a row bears a flag, and that it does not.
_BORNE: Final = frozenset(("1", "1.0", "True", "true"))
_NOT_BORNE: Final = frozenset(("", "0", "0.0", "False", "false"))

# A message names so many columns at most, and looks for the nearest among so many.
_MOST_TOLD: Final = 50
_MOST_SEARCHED: Final = 1000


@dataclass(frozen=True)
class Columns:
    """Names of the columns of a table; `None` means the usual name, where the table has it.

    Examples
    --------
    >>> columns = Columns(text="sentence", target="towards")
    >>> columns.units({"sentence": "NATO backs Kyiv.", "towards": "Kyiv", "holder": "NATO"})
    {'text': 'NATO backs Kyiv.', 'holder': 'NATO', 'target': 'Kyiv'}
    """

    text: str | None = None
    holder: str | None = None
    target: str | None = None
    holder_start: str | None = None
    holder_end: str | None = None
    target_start: str | None = None
    target_end: str | None = None

    def check(self, present: Iterable[str], where: str) -> None:
        """Complain about a column that was named but is not there, or a text that cannot be found.

        Raises
        ------
        DataError
            Naming the nearest column that is there.
        """
        there = list(present)
        for field in fields(self):
            given = getattr(self, field.name)
            wanted = given or ("text" if field.name == "text" else None)
            require(wanted, there, where, field.name)

    def units(self, row: Mapping[str, object]) -> dict[str, object]:
        """Pick what a model looks at out of a row, under the usual names."""
        picked = {}
        for name, column in self._named:
            if column in row:
                picked[name] = row[column]
        return picked

    @cached_property
    def _named(self) -> list[tuple[str, str]]:
        # Once, and not for each of a million rows.
        return [(field.name, getattr(self, field.name) or field.name) for field in fields(self)]


def require(wanted: str | None, present: list[str], where: str, role: str) -> None:
    """Complain when a column is wanted and missing."""
    if wanted is not None and wanted not in present:
        option = f"--{role.replace('_', '-')}-column"
        raise DataError(
            f"{where}: no column {wanted!r}{_nearest_column(wanted, present)}; "
            f"name it with {option}"
        )


def flags_borne(rows: Sequence[Row]) -> dict[str, list[bool]]:
    """Tell of each of the codebook's flags that is a column which rows bear it.

    A column that bears a flag's name by chance, with other values, is no flag.

    Examples
    --------
    >>> flags_borne([Row(2, {"quote": "1", "act": "peace"}), Row(3, {"quote": "", "act": "war"})])
    {'quote': [True, False]}
    """
    found = {}
    for flag in FLAGS:
        values = [row.told(flag) for row in rows]
        if any(flag in row.values for row in rows) and {*values} <= _BORNE | _NOT_BORNE:
            found[flag] = [value in _BORNE for value in values]
    return found


def _nearest_column(wanted: str, present: list[str]) -> str:
    if len(present) == 1 and (other := [mark for mark in ";\t,|" if mark in present[0]]):
        return (
            f" (the first line, {present[0][:80]!r}, looks separated by {other[0]!r}: expected "
            "commas in a csv, tabs in a tsv)"
        )
    if len(present) > _MOST_TOLD:
        close = get_close_matches(wanted, present[:_MOST_SEARCHED], n=1)
        return nearest(wanted, close) if close else f" among {len(present)} columns"
    return nearest(wanted, present)
