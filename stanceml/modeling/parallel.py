"""Work done side by side, in processes that do not outlive this one."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

__all__ = ["side_by_side"]

Result = TypeVar("Result")


def side_by_side(
    function: Callable[..., Result], calls: Iterable[tuple[Any, ...]], n_jobs: int = -1
) -> Iterator[Result]:
    """Call a function many times, and give the results as they come.

    Each process uses one thread: small matrices are slower with more, and the sums are the same
    whatever the number of processes. Large arrays are shared, as private copies of what is written
    to. The processes go when this one is gone, however it ends.

    Parameters
    ----------
    function : callable
        Of a module, so that other processes find it.
    calls : iterable of tuple
        The arguments of each call; taken as they are needed.
    n_jobs : int
        Processes; -1 for one a core.

    Yields
    ------
    object
        What a call returned, in the order in which they end.

    Examples
    --------
    >>> sorted(side_by_side(pow, [(2, 3), (3, 2)], n_jobs=1))
    [8, 9]
    """
    with parallel_config(backend="loky", initializer=_follow, initargs=(os.getpid(),)):
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", mmap_mode="c")
        yield from parallel(delayed(_on_one_thread)(function, call) for call in calls)


def _on_one_thread(function: Callable[..., Result], call: tuple[Any, ...]) -> Result:
    with threadpool_limits(limits=1):
        return function(*call)


def _follow(parent: int) -> None:
    # A process whose parent was killed would work on for whoever is no longer there.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
