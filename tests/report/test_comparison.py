"""The page of a comparison in a browser: it needs nothing else, fits, is accessible, and shows its values."""

import json
from pathlib import Path

import pytest

from report import chromium

pytestmark = [
    pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing())),
    pytest.mark.filterwarnings("default"),  # those of selenium and its dependencies
]


@pytest.fixture
def page(nncli, config_file, digits_dir):
    folders = ["runs/<img src=x onerror=alert(1)>", "runs/second", "runs/other"]
    for seed, folder in enumerate(folders):
        units = 4 if folder == folders[-1] else 12
        config = config_file(model={"layers": [{"units": units}, {"units": 10}]})
        arguments = ("--seed", seed, "--run-dir", folder, "--data-dir", digits_dir, "-q")
        assert nncli("train", config, *arguments).code == 0
    assert nncli("compare", *folders, "--output", "page.html").code == 0
    return Path("page.html").absolute()


def test_it_works_in_a_browser(page):
    from axe_core_python.selenium import Axe

    with chromium.browser() as driver:
        driver.get_log("performance")
        driver.get(page.as_uri())
        events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        urls = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
        assert [url for url in urls if not url.startswith("data:")] == [page.as_uri()]
        assert driver.get_log("browser") == []
        assert not driver.find_element("id", "fault").is_displayed()
        assert driver.find_element("css selector", "#results tbody th").text == "<img src=x onerror=alert(1)>"
        assert len(driver.find_elements("css selector", "#validation path.line")) == 4  # a mean, its seeds, another run
        move = "const place = document.getElementById('validation'); place.focus(); place.onkeydown("
        driver.execute_script(move + "new KeyboardEvent('keydown', {key: 'ArrowRight'}));")
        assert driver.find_element("css selector", "#validation .reading").text.startswith("epoch 2\n")
        for width in chromium.HEIGHTS:
            for scheme in ("light", "dark"):
                chromium.show(driver, width, scheme)
                assert driver.execute_script("return document.documentElement.scrollWidth") == width
                found = [each for each in Axe().run(driver)["violations"] if each["impact"] in ("serious", "critical")]
                assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
