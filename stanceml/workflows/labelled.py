"""A user's labelled rows, as training and evaluation both take them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stanceml.corpus.columns import Columns
from stanceml.corpus.datasets import Dataset, load_dataset

__all__ = ["LabelledFile"]


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
