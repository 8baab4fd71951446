"""What tests of output share."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from report_pages import POINTS
from report_reader import RECORDS, TELL_VIOLATIONS, Reader
from selenium import webdriver

from rag.output.report.page import page


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    """One browser for all tests of this file."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not browser:
        pytest.fail("These tests need a browser: apt-get install chromium chromium-driver", pytrace=False)
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1100,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Both are named, so that Selenium looks for neither elsewhere.
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TELL_VIOLATIONS})
    try:
        yield started
    finally:
        started.quit()


@pytest.fixture
def reader(chromium: webdriver.Chrome, tmp_path: Path) -> Iterator[Reader]:
    """The page of RECORDS, opened; afterwards the browser is as it was, and nothing has been complained of."""
    person = Reader(chromium, tmp_path / "answers.html")
    person.complaints(), person.requests()
    person.open(page(RECORDS, "Answers", figures=[("Cited first", "77 %")], plot=POINTS, threshold=0.5))
    yield person
    for command in ("Emulation.setEmulatedMedia", "Emulation.clearDeviceMetricsOverride"):
        person.tell(command)
    person.tell("Emulation.setScriptExecutionDisabled", value=False)
    assert person.complaints() == []
    assert person.asked_elsewhere() == []


@pytest.fixture
def in_india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is five and a half hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
