"""The page of a comparison in a browser: it needs nothing else, fits, is accessible, and shows its values."""

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
    with chromium.browser() as driver:
        chromium.assert_sound(driver, page)
        assert driver.find_element("css selector", "#results tbody th").text == "<img src=x onerror=alert(1)>"
        assert len(driver.find_elements("css selector", "#validation path.line")) == 4  # a mean, its seeds, another run
        move = "const place = document.getElementById('validation'); place.focus(); place.onkeydown("
        driver.execute_script(move + "new KeyboardEvent('keydown', {key: 'ArrowRight'}));")
        assert driver.find_element("css selector", "#validation .reading").text.startswith("epoch 2\n")
