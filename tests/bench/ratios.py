"""A comparison: what ran in turns, by how much it differs, and whether that is what is promised."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import numpy as np
from scipy.stats import bootstrap, norm
from threadpoolctl import threadpool_limits

Work = Callable[[], object]

CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Ratio:
    """One comparison: the ratio of each round, and what is asked of it, if anything.

    `sizes` are the medians of what was divided, in `unit`.
    """

    name: str
    what: str
    rounds: list[float]
    sizes: list[float]
    unit: str = "ms"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def noise(self) -> float:
        """How far the median of so many rounds may be off: half of its 95% interval.

        That is 1.96 standard errors of the median, by a bootstrap over the rounds. Five rounds are
        enough for it: where the true ratio lies on the bar, 2 to 4 in 100 benches find it missed,
        be the noise normal, heavy-tailed (t with 3 degrees of freedom) or one round in ten far off;
        so it is with nine. What more rounds give is sharpness: a ratio that lies one standard
        deviation of a round under the bar is found out 4 times in 10 with five rounds, 6 with nine;
        two of them, 9 times in 10 and nearly always. A single round is taken as it is.
        """
        if len(self.rounds) < 2:
            return 0.0
        drawn = bootstrap(
            (self.rounds,), np.median, method="percentile", rng=np.random.default_rng(0)
        )
        return float(norm.ppf((1 + CONFIDENCE) / 2) * drawn.standard_error)

    @property
    def met(self) -> str:
        """Whether the median meets the bar, misses it by no more than its noise, or by more.

        >>> Ratio("", "", [14.1, 13.9, 14.0, 14.3, 13.8], [], at_least=15).met
        'NO'
        >>> Ratio("", "", [14.1, 12.0, 14.0, 18.0, 17.0], [], at_least=15).met
        'within the noise'
        >>> Ratio("", "", [0.9], [], at_most=1).met
        'yes'
        """
        if self.at_least is None and self.at_most is None:
            return ""
        least, most = self.at_least or 0.0, self.at_most or float("inf")
        middle = median(self.rounds)
        missed_by = max(least - middle, middle - most)
        if missed_by <= 0:
            return "yes"
        return "within the noise" if missed_by <= self.noise else "NO"


def ratio(
    name: str,
    what: str,
    above: list[float],
    below: list[float],
    at_least: float | None = None,
    at_most: float | None = None,
) -> Ratio:
    """Divide seconds round by round."""
    rounds = [one / other for one, other in zip(above, below, strict=True)]
    sizes = [1000 * median(above), 1000 * median(below)]
    return Ratio(name, what, rounds, sizes, at_least=at_least, at_most=at_most)


def in_turns(
    works: dict[str, Work], n_rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Time several works, each once a round; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(n_rounds + 1):
        for name, one in works.items():
            start = clock()
            one()
            if number:
                times[name].append(clock() - start)
    return times


class Stopwatch:
    """Adds up this process's own time over all calls of some functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def over(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that does the same, and is timed."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - start

        return timed


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
