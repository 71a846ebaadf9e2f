"""Work done side by side, in processes that do not outlive this one."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from joblib import Parallel, cpu_count, delayed, parallel_config
from threadpoolctl import threadpool_limits

from stanceml.exceptions import UsageError

__all__ = ["n_processes", "side_by_side"]

_MOST_PER_CORE: Final = 4
#: What a process takes that has imported scikit-learn, before it has data.
_PROCESS_MEGABYTES: Final = 150

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

    Raises
    ------
    UsageError
        As `n_processes` does.

    Examples
    --------
    >>> sorted(side_by_side(pow, [(2, 3), (3, 2)], n_jobs=1))
    [8, 9]
    """
    n_jobs = n_processes(n_jobs)
    with parallel_config(backend="loky", initializer=_follow, initargs=(os.getpid(),)):
        parallel = Parallel(n_jobs=n_jobs, return_as="generator_unordered", mmap_mode="c")
        yield from parallel(delayed(_on_one_thread)(function, call) for call in calls)


def n_processes(n_jobs: int) -> int:
    """Tell how many processes a number of jobs means.

    Parameters
    ----------
    n_jobs : int
        -1 for one a core that this process may use.

    Returns
    -------
    int

    Raises
    ------
    UsageError
        When there would be none, or more than four a core, which only fills the memory.

    Examples
    --------
    >>> n_processes(1)
    1
    """
    try:
        cores = cpu_count()
    except ValueError as error:
        found = os.environ.get("LOKY_MAX_CPU_COUNT")
        raise UsageError(
            f"the environment variable LOKY_MAX_CPU_COUNT is {found!r}; expected a whole number"
        ) from error
    if n_jobs == -1:
        return int(cores)
    if n_jobs < 1:
        raise UsageError(f"--jobs {n_jobs}: expected a positive number, or -1")
    most = max(_MOST_PER_CORE * (os.cpu_count() or 1), cores)
    if n_jobs > most:
        raise UsageError(
            f"--jobs {n_jobs}: would take about {n_jobs * _PROCESS_MEGABYTES / 1000:,.0f} GB of "
            f"memory for the processes alone; expected at most {most}, or -1 for one a core "
            f"({cores})"
        )
    return n_jobs


def _on_one_thread(function: Callable[..., Result], call: tuple[Any, ...]) -> Result:
    with threadpool_limits(limits=1):
        return function(*call)


def _follow(parent: int) -> None:
    # A terminal sends Ctrl-C to every process: this one goes without a word, the parent tells.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    # A process whose parent was killed would work on for whoever is no longer there.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
