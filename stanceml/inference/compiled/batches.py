"""When machine code pays: after so many rows that the time to make it ready is won back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from stanceml.inference.compiled.model import CompiledModel
    from stanceml.inference.compiled.tables import Block

__all__ = ["Batches"]

# Loading numba and making a model's tables takes as long as scoring about so many rows in Python.
_PAYS_AT: Final = 1000
# The same where machine code cannot be kept on disk, and each process compiles for itself.
_PAYS_UNKEPT_AT: Final = 10_000


class Batches:
    """A model's compiled form, made when enough rows have come.

    Parameters
    ----------
    blocks : sequence of Block
        The blocks of a `SealedModel`.
    intercept : ndarray of shape (n_classes,)
    """

    def __init__(self, blocks: "Sequence[Block]", intercept: np.ndarray) -> None:
        self._blocks, self._intercept = blocks, intercept
        self._n_rows = 0
        self._pays_at: float = _PAYS_AT
        self._model: CompiledModel | None = None

    def model(self, n_rows: int) -> "CompiledModel | None":
        """Give the compiled model, or None where scoring in Python is as well.

        Parameters
        ----------
        n_rows : int
            How many rows are to be scored now.

        Returns
        -------
        CompiledModel or None
            None before enough rows came, and where numba cannot be had.
        """
        self._n_rows += n_rows
        if self._model is None and self._n_rows >= self._pays_at:
            self._model = self._compiled()
        return self._model

    def _compiled(self) -> "CompiledModel | None":
        try:
            from numba import config

            from stanceml.inference.compiled.model import CompiledModel, is_kept
        except ImportError:
            # Without numba, or with one that refuses this numpy, everything is as before.
            self._pays_at = float("inf")
            return None
        if getattr(config, "DISABLE_JIT", 0):
            self._pays_at = float("inf")
            return None
        if not is_kept():
            self._pays_at = _PAYS_UNKEPT_AT
        if self._n_rows < self._pays_at:
            return None
        return CompiledModel(self._blocks, self._intercept)
