"""MLflow's pages in a real browser: up quickly, and opened where the numbers are."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stanceml.tracking.store import URI_VARIABLE
from stanceml.workflows.train import TrainingResult

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
IMAGES = os.environ.get("STANCEML_SCREENSHOTS")


@pytest.fixture(scope="module")
def link(project: tuple[Path, TrainingResult]) -> object:
    folder, _ = project
    process = subprocess.Popen(
        [sys.executable, "-m", "stanceml.cli", "ui"],
        cwd=IMAGES or folder,
        # MLflow leaves the address of the store that was used last in the environment.
        env={name: value for name, value in os.environ.items() if name != URI_VARIABLE},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    start = time.monotonic()
    yield process.stdout.readline().strip()
    assert time.monotonic() - start < 300
    process.send_signal(2)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "stanceml: interrupted"


@pytest.mark.slow
def test_the_link_opens_the_runs(link: str) -> None:
    assert re.match(r"http://127\.0\.0\.1:\d+/#/experiments/\d+/runs\?", link)
    assert "cv/macro_f1" in link


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_charts_in_a_browser(link: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1500, "height": 900})
        page.goto(link)
        page.get_by_text("most-frequent").first.wait_for(timeout=60_000)
        page.get_by_text("cv/macro_f1", exact=True).first.wait_for(timeout=60_000)
        assistant = page.get_by_role("button", name="Close").last
        if assistant.is_visible():
            assistant.click()
        page.wait_for_timeout(2000)  # the bars are drawn with a little animation
        listed = page.inner_text("body")
        assert listed.index("ridge") < listed.index("most-frequent")
        folder = Path(IMAGES) / "docs" / "images" if IMAGES else tmp_path
        page.screenshot(path=folder / "runs.png")
        browser.close()
