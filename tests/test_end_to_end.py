"""The main job in a folder of its own, as `make train` runs it; killed in the middle, and again."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stanceml import load_model

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, quick_configs: Path) -> Path:
    folder = tmp_path_factory.mktemp("a clone ✓ 100% #1?")
    # The article alone: the whole corpus takes minutes to train on.
    leave_out = shutil.ignore_patterns("authored", "frame.jsonl", "left-out.txt")
    shutil.copytree(ROOT / "data", folder / "data", ignore=leave_out)
    shutil.copytree(quick_configs, folder / "configs")
    return folder


def test_from_the_article_to_a_label(clone: Path, stanceml: Any) -> None:
    built = stanceml("data", "build", cwd=clone)
    assert (built.returncode, built.stdout) == (0, "data/stances.csv\n")
    trained = stanceml("train", cwd=clone)
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr.splitlines() == [
        "44 rows in 15 groups (by sentence_id), 2 experiments",
        "logging the runs",
    ]
    assert "ridge is saved in models/stance" in trained.stdout
    assert "most-frequent (baseline)" in trained.stdout
    assert "cannot be told apart" in trained.stdout
    labelled = stanceml("predict", "--input", "data/examples.csv", "--format", "jsonl", cwd=clone)
    assert [json.loads(line)["stance"] for line in labelled.stdout.splitlines()]
    assert len(labelled.stdout.splitlines()) == 3
    assert {path.name for path in clone.iterdir()} == {
        "configs",
        "data",
        "mlartifacts",
        "mlflow.db",
        "models",
    }


def test_again_gives_the_same_model_to_the_byte(clone: Path, stanceml: Any) -> None:
    before = (clone / "models" / "stance" / "SHA256SUMS").read_text()
    assert stanceml("train", "--jobs", "1", cwd=clone).returncode == 0
    after = (clone / "models" / "stance" / "SHA256SUMS").read_text()
    assert after == before


def test_killed_in_the_middle(clone: Path, stanceml: Any) -> None:
    before = (clone / "models" / "stance" / "SHA256SUMS").read_text()
    command = [sys.executable, "-m", "stanceml.cli", "train"]
    process = subprocess.Popen(command, cwd=clone, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if line == "logging the runs\n":
            break
    time.sleep(0.7)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert load_model(clone / "models" / "stance").predict(["Moscow waits."]).shape == (1,)
    assert (clone / "models" / "stance" / "SHA256SUMS").read_text() == before

    again = stanceml("train", cwd=clone)
    assert again.returncode == 0, again.stderr
    assert {path.name for path in (clone / "models").iterdir()} == {"stance"}
    with closing(sqlite3.connect(clone / "mlflow.db")) as database:
        statuses = dict(database.execute("SELECT status, count(*) FROM runs GROUP BY status"))
    assert statuses.pop("FINISHED") >= 6
    assert set(statuses) <= {"KILLED"}


def test_interrupted(clone: Path) -> None:
    before = (clone / "models" / "stance" / "SHA256SUMS").read_text()
    command = [sys.executable, "-m", "stanceml.cli", "train"]
    process = subprocess.Popen(command, cwd=clone, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    process.stderr.readline()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "stanceml: interrupted"
    assert "Traceback" not in told
    assert (clone / "models" / "stance" / "SHA256SUMS").read_text() == before


def test_served_over_http(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # `mlflow models serve` answers with the same labels and probabilities as `stanceml predict`.
    import socket
    import urllib.request

    from stanceml.tracking.store import QUIET, import_mlflow

    monkeypatch.chdir(clone)
    mlflow = import_mlflow()
    client = mlflow.MlflowClient(tracking_uri="sqlite:///mlflow.db")
    experiment = client.get_experiment_by_name("stance")
    (run,) = client.search_runs(
        [experiment.experiment_id], "tags.saved = 'true' AND status = 'FINISHED'", max_results=1
    )
    model_id = run.outputs.model_outputs[0].model_id
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rows = [
        {"text": "NATO backs Ukraine.", "target": "Ukraine", "holder": "NATO"},
        {"text": "Moscow rejects the plan.", "target": "plan", "holder": ""},
    ] * 2
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "models", "serve", "-m", f"models:/{model_id}"),
            *("--env-manager", "local", "--port", str(port), "--workers", "1"),
        ],
        cwd=clone,
        env=QUIET
        | {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db",
            "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations",
            json.dumps({"dataframe_records": rows}).encode(),
            {"Content-Type": "application/json"},
        )
        for attempt in range(120):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    served = json.load(answer)["predictions"]
                break
            except ConnectionError:
                pass
            except urllib.error.URLError:
                assert server.poll() is None, attempt
            time.sleep(0.5)
    finally:
        server.terminate()
        server.wait(timeout=30)
    labels, probabilities = load_model(clone / "models" / "stance").judge(rows)
    assert [row["stance"] for row in served] == labels.tolist()
    for row, expected in zip(served, probabilities, strict=True):
        assert [row[f"probability_{label}"] for label in ("against", "favor", "neutral")] == (
            pytest.approx(expected.tolist(), abs=1e-12)
        )
