"""What was measured, as a table and as JSON, with the machine that it was measured on."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import numba
import numpy as np
import sklearn
from rich.console import Console
from rich.table import Table

from stanceml.files import write_text
from tests.bench.ratios import Ratio


def machine() -> dict[str, Any]:
    """Tell what the figures depend on."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return {
        "cpu": name,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "scikit-learn": sklearn.__version__,
    }


def show(ratios: Sequence[Ratio], facts: dict[str, Any], notes: Sequence[str]) -> None:
    """Print the table."""
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False, markup=False)
    table = Table(title="Speed and memory, side by side: median [range]", title_justify="left")
    for column in ("compared", "ratio", "", "bar", "medians", "met"):
        table.add_column(column, overflow="fold")
    for row in ratios:
        bar = f">= {row.at_least:g}" if row.at_least else ""
        bar = f"<= {row.at_most:.2f}" if row.at_most else bar
        low, high = min(row.rounds), max(row.rounds)
        told = f"{median(row.rounds):.2f}"
        told += f" [{low:.2f}, {high:.2f}]" if len(row.rounds) > 1 else ""
        sizes = f"{' / '.join(f'{figure:.0f}' for figure in row.sizes)} {row.unit}"
        table.add_row(row.name, told, row.what, bar, sizes, row.met)
    console.print(table)
    for name, value in facts.items():
        console.print(f"{name}: {value}")
    for note in notes:
        console.print(note)


def write(path: Path, ratios: Sequence[Ratio], facts: dict[str, Any], notes: Sequence[str]) -> None:
    """Write the figures as JSON."""
    figures = [asdict(row) | {"noise": row.noise, "met": row.met} for row in ratios]
    content = {"machine": facts, "ratios": figures, "notes": list(notes)}
    write_text(path, json.dumps(content, indent=1) + "\n")


def say(line: str) -> None:
    """Tell the person who waits."""
    print(line, file=sys.stderr, flush=True)
