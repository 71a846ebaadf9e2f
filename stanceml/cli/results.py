"""Tables for people: as wide as the terminal, and nothing in them is markup."""

import sys
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, zip_longest
from typing import TextIO

from stanceml.exceptions import visible

__all__ = ["draw"]

# Where there is no terminal that has a width.
_WIDTH = 120


def draw(
    title: str,
    columns: Sequence[str],
    *sections: Iterable[Sequence[str]],
    words: Collection[str] = (),
    unbroken: Collection[str] = (),
    remark: str = "",
    file: TextIO | None = None,
) -> None:
    """Draw a table: a title, a header, sections of rows, a remark below.

    Parameters
    ----------
    title : str
    columns : sequence of str
        The first one holds names, the others numbers, at the right.
    *sections : iterable of rows
        With a line between them; a row of a single cell is the heading of those below.
    words : collection of str
        Further columns that hold words.
    unbroken : collection of str
        Columns whose cells stay in one line.
    remark : str
    file : text file
        By default standard output.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    file = file or sys.stdout
    console = Console(file=file, width=None if file.isatty() else _WIDTH, highlight=False)
    table = Table()
    # Where scores do not fit side by side, their intervals stand below them.
    blocks = [list(rows) for rows in sections]
    by_column = zip_longest(columns, *chain(*blocks), fillvalue="")
    is_wide = 1 + sum(3 + max(map(len, cells)) for cells in by_column) > console.width
    below = {*columns[1:]} - {*words, *unbroken} if is_wide else ()
    for place, name in enumerate(columns):
        table.add_column(
            Text(visible(name)),
            justify="right" if place and name not in words else "left",
            overflow="fold",
            no_wrap=name in unbroken,
        )
    for rows in blocks:
        table.add_section()
        for row in rows:
            style = "bold" if len(row) == 1 else ""
            cells = [
                cell.replace(" [", "\n[") if name in below else cell
                for cell, name in zip(row, columns, strict=False)
            ]
            table.add_row(*(Text(visible(cell), style) for cell in cells))
    for part in (title and Text(visible(title)), table, remark and Text(visible(remark))):
        if part:
            console.print(part)
