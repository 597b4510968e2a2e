"""Headless Chromium for tests of pages and for screenshots, without any connection to its maker."""

import base64
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
HEIGHTS = {390: 844, 1600: 1000}


def missing() -> str | None:
    """Return why tests in a browser do not run, or None."""
    if "NNCLI_BROWSER" not in os.environ:
        return "takes minutes; run: make browser"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed"
    if program() is None or shutil.which("chromedriver") is None:
        return "Chromium or its driver is not installed"
    return None


def program() -> str | None:
    """Return the path of the browser, or None."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Any]:
    """Start a browser with an empty profile, and end it with the block."""
    from selenium import webdriver

    with TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = str(program())
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            show(driver, 1600)
            driver.get("about:blank")
            yield driver
        finally:
            driver.quit()


def show(driver: Any, width: int, scheme: str = "light") -> None:
    """Give the page the width of a phone or a desktop, and a light or dark scheme."""
    size = {"width": width, "height": HEIGHTS[width], "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def load(driver: Any, page: Path) -> None:
    """Load a page from disk, and wait until its network runs."""
    from selenium.webdriver.support.wait import WebDriverWait

    driver.get(page.as_uri())
    ready = "return recognizer?.back !== undefined || !document.getElementById('fault').hidden"
    WebDriverWait(driver, 30, 0.05).until(lambda _: driver.execute_script(ready))


def screenshot(driver: Any, height: int | None = None) -> bytes:
    """Return the top of the page as a PNG."""
    width = driver.execute_script("return innerWidth")
    clip = {"x": 0, "y": 0, "width": width, "height": height or HEIGHTS[width], "scale": 1}
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    return base64.b64decode(taken["data"])


def draw(driver: Any, strokes: Sequence[Sequence[tuple[float, float]]], *, answered: bool = True) -> None:
    """Draw strokes with the mouse on an empty board, and wait for the answer; points are in percent of the board."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.support.wait import WebDriverWait

    board = driver.find_element("id", "board")
    clear = "recognizer.board.clear(); arguments[0].scrollIntoView({block: 'center'})"
    driver.execute_script(clear, board)
    size = board.size["width"]
    actions = ActionChains(driver, duration=0)
    for stroke in strokes:
        for i, (x, y) in enumerate(stroke):
            actions.move_to_element_with_offset(board, (x / 100 - 0.5) * size, (y / 100 - 0.5) * size)
            if i == 0:
                actions.click_and_hold()
        actions.release()
    driver.execute_script("recognizer.back = null")
    actions.perform()
    ready = "return !recognizer.scheduled && recognizer.back !== null"
    if answered:
        WebDriverWait(driver, 10, 0.05).until(lambda _: driver.execute_script(ready))


def assert_sound(driver: Any, page: Path) -> None:
    """Load a page, and check that it connects to nothing, reports no error, fits every screen and is accessible."""
    from axe_core_python.selenium import Axe

    driver.get_log("performance")
    driver.get(page.as_uri())
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    assert [url for url in urls if not url.startswith("data:")] == [page.as_uri()]
    assert driver.get_log("browser") == []
    assert not driver.find_element("id", "fault").is_displayed()
    for width in HEIGHTS:
        for scheme in ("light", "dark"):
            show(driver, width, scheme)
            assert driver.execute_script("return document.documentElement.scrollWidth") == width
            found = [each for each in Axe().run(driver)["violations"] if each["impact"] in ("serious", "critical")]
            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
