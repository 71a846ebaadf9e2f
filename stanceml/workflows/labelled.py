"""A user's labelled rows, as training and evaluation both take them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stanceml.corpus.columns import Columns
from stanceml.corpus.datasets import Dataset, load_dataset
from stanceml.exceptions import UsageError, nearest

__all__ = ["LabelledFile", "labels_among"]


@dataclass(frozen=True)
class LabelledFile:
    """The file, and what its columns and labels are called."""

    path: Path
    columns: Columns = field(default_factory=Columns)
    label_column: str | None = None
    group_column: str | None = None
    label_map: dict[str, str] = field(default_factory=dict)

    def load(self, **settings: Any) -> Dataset:
        """Read the rows; `settings` go to `load_dataset`."""
        return load_dataset(
            self.path,
            self.columns,
            label_column=self.label_column,
            group_column=self.group_column,
            label_map=self.label_map,
            **settings,
        )


def labels_among(among: Sequence[str], known: list[str], whose: str) -> list[str]:
    """Give the labels to choose from, in alphabetical order: those of `--among`, or all.

    Raises
    ------
    UsageError
        When one is not known, or there are fewer than two.
    """
    for label in among:
        if label not in known:
            raise UsageError(f"--among {label!r}: no label of {whose}{nearest(label, known)}")
    chosen = sorted(set(among)) or known
    if len(chosen) < 2:
        raise UsageError(f"--among {chosen[0]!r}: nothing to choose; expected two labels or more")
    return chosen
