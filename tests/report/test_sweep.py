"""The page of a sweep in a browser: it needs nothing else, fits, is accessible, and shows its figure and its points."""

import pytest

from nncli.report.sweep import render
from nncli.sweep.space import Dimension
from nncli.sweep.summary import Entry, Summary
from report import chromium

NAME = "<img src=x onerror=alert(1)>"


@pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))
@pytest.mark.filterwarnings("default")  # those of selenium and its dependencies
def test_it_works_in_a_browser(tmp_path):
    entries = [
        Entry({"loss": NAME}, [1, 3], [0.02, 0.03], 0.025, 0.007, (0.0, 0.09), "completed", 3.0, ["a"], ["b"]),
        Entry({"loss": "b"}, [0, 2], [0.04], None, None, None, "diverged", 1.0, ["a"], ["b"]),
    ]
    space = [Dimension("loss", ("loss",), "choices", (NAME, "b")), Dimension("seed", ("seed",), "choices", (1, 2))]
    summary = Summary(NAME, "validation_error", "grid", 4, 4, [], entries, {"loss": 1.0}, 4.0, 0.0, space)
    page = tmp_path / "sweep.html"
    page.write_text(render(summary), encoding="utf-8")
    with chromium.browser() as driver:
        chromium.assert_sound(driver, page)
        assert driver.find_element("css selector", "h1").text == NAME
        assert driver.execute_script("return document.querySelector('img').naturalWidth") > 1000
        rows = [each.text for each in driver.find_elements("css selector", "tbody tr")]
        assert rows == [f"1, 3 2.50% 0.70% 0.00% to 9.00% 2 {NAME} 3.0 s", "0, 2 diverged – – 1 b 1.0 s"]
