"""How functions are compiled: once, kept on disk where a folder can be written, without the GIL."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["jit"]

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Compile a function when it is first called.

    What a function reads of other modules must reach it as an argument: the copy on disk is made
    anew when the function's own file changes, and then only.

    Parameters
    ----------
    function : callable
        Of numbers and arrays. Division by zero gives what numpy gives.

    Returns
    -------
    callable
    """
    try:
        return _compiler(cache=True)(function)
    except RuntimeError:
        # No folder for the copy can be written: each process compiles for itself.
        return _compiler(cache=False)(function)


def _compiler(*, cache: bool) -> Callable[[Function], Function]:
    return cast(Callable[[Function], Function], njit(cache=cache, nogil=True, error_model="numpy"))
