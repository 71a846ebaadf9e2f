"""Work side by side: everything is done once, and nobody works for a parent that is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stanceml.exceptions import UsageError
from stanceml.modeling.parallel import n_processes, side_by_side


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_call_is_answered_once(n_jobs: int) -> None:
    found = sorted(side_by_side(pow, [(number, 2) for number in range(20)], n_jobs))
    assert found == [number**2 for number in range(20)]


def test_a_mistake_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(divmod, [(1, 1), (1, 0)], n_jobs=2))


@pytest.mark.slow
def test_processes_go_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        "import os, time\n"
        "from stanceml.modeling.parallel import side_by_side\n"
        "def work(folder, number):\n"
        "    open(os.path.join(folder, f'{os.getpid()}.pid'), 'w').close()\n"
        "    time.sleep(120)\n"
        "if __name__ == '__main__':\n"
        f"    list(side_by_side(work, [({str(tmp_path)!r}, n) for n in range(4)], 2))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 60
    while len(workers := list(tmp_path.glob("*.pid"))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    left = [int(path.stem) for path in workers]
    while left:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)
        left = [pid for pid in left if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child of nobody that has ended waits for init to take note.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("n_jobs", "message"),
    [
        (0, "--jobs 0: expected a positive number, or -1"),
        (-2, "--jobs -2: expected a positive number"),
        (100_000, r"--jobs 100000: would take about 15,000 GB of memory .* expected at most"),
    ],
)
def test_as_many_processes_as_make_sense(n_jobs: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        n_processes(n_jobs)
    with pytest.raises(UsageError, match=message):
        next(side_by_side(pow, [(2, 2)], n_jobs))


def test_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert n_processes(-1) == 1
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "abc")
    with pytest.raises(UsageError, match="LOKY_MAX_CPU_COUNT is 'abc'; expected a whole number"):
        n_processes(-1)
