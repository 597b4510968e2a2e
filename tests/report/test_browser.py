"""The page in a browser: it needs nothing else, agrees with nncli, and works with a mouse and a keyboard."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nncli.data import picture
from nncli.data.dataset import Dataset
from nncli.data.synthetic import generate
from nncli.lab import network_walk
from nncli.report.findings import gather
from nncli.report.page import render
from nncli.runs.trained import open_trained
from report import chromium
from report.paths import PATHS

pytestmark = [
    pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing())),
    pytest.mark.filterwarnings("default"),  # those of selenium and its dependencies
]

TOLERANCE = 1e-4


def layers(activation):
    """Return the layers of a small network with this activation."""
    return {"layers": [{"units": 20, "activation": activation}, {"units": 10}]}


NETWORKS: dict[str, dict[str, Any]] = {
    "relu": {},
    "linear regression": {"model": {"layers": [{"units": 10}]}},
    "skip": {
        "model": {
            "layers": [
                {"name": "first", "units": 20, "activation": "tanh"},
                {"name": "second", "units": 16, "inputs": ["first"], "batch_norm": True, "dropout_probability": 0.5},
                {"name": "output", "units": 10, "inputs": ["input", "first", "second"]},
            ]
        },
    },
    "locally connected": {
        "model": {
            "layers": [
                {"units": 32, "local": {"grid": 4, "window": 10}},
                {"units": 12, "local": {"grid": 2, "window": 3}},
                {"units": 10},
            ]
        },
    },
    "logistic": {"loss": "logistic_cross_entropy", "model": layers("logistic")},
    "soft_relu": {"loss": "squared_error", "model": layers("soft_relu")},
    "gelu": {"model": layers("gelu")},
    "hard_threshold": {"model": layers("hard_threshold")},
    "linear": {"model": layers("linear")},
    "standardized": {"data": {"scale": "standardize"}, "mean": 33.3, "deviation": 78.6},
    "upright and larger": {"data": {"deskew": True, "size": 29}},
}


@pytest.fixture(scope="module")
def driver():
    with chromium.browser() as started:
        yield started


@pytest.fixture(scope="module")
def test_split():
    """Return 200 test digits."""
    return Dataset("idx", "test", *generate(200, 11), {}, "generated")


def write_page(run, data):
    """Write the report of a run, and return its path and its findings."""
    checkpoint, trained = open_trained(run)
    findings = gather(run, checkpoint, trained, data)
    path = run / "report.html"
    path.write_text(render(findings), encoding="utf-8")
    return path, findings


@pytest.fixture(scope="module")
def small(make_run, test_split, tmp_path_factory):
    return write_page(make_run(tmp_path_factory.mktemp("small") / "run"), test_split)


def logged(driver):
    """Return the addresses that the browser asked for, and the messages of its console."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    requests = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]
    return requests, driver.get_log("browser")


def test_a_page_from_disk_asks_for_nothing_and_says_nothing(driver, make_run, test_split, tmp_path):
    page, _ = write_page(make_run(tmp_path / "<script>alert(1)<" / "script>"), test_split)
    logged(driver)
    chromium.show(driver, 1600)
    chromium.load(driver, page)
    driver.execute_script("for (const cell of document.querySelectorAll('#matrix button')) cell.click()")
    requests, messages = logged(driver)
    assert [url for url in requests if not url.startswith("data:")] == [page.as_uri()]
    assert messages == []
    assert driver.find_element("css selector", "header code").text.endswith("/<script>alert(1)</script>")
    assert not driver.find_element("id", "fault").is_displayed()


def see(driver, data):
    """Put each test image onto the board, and return the probabilities of the page, (images, classes)."""
    script = """
        return Array.from({length: arguments[0]}, (_, i) => {
          recognizer.showImage(i);
          recognizer.answer();
          return recognizer.last.probabilities;
        });"""
    return np.array(driver.execute_script(script, len(data.labels)))


@pytest.mark.parametrize("name", NETWORKS)
def test_digits_have_the_probabilities_of_predict(name, driver, make_run, test_split, tmp_path, nncli):
    page, _ = write_page(make_run(tmp_path / "run", **NETWORKS[name]), test_split)
    chromium.load(driver, page)
    names = [f"{i}.png" for i in range(200 if name == "relu" else 20)]
    for file, pixels in zip(names, test_split.images, strict=False):
        Image.fromarray(pixels).save(file)
    predicted = json.loads(nncli("predict", "run", *names, "--json").out)
    expected = np.array([each["probabilities"] for each in predicted])
    np.testing.assert_allclose(see(driver, test_split)[: len(names)], expected, atol=TOLERANCE)


@pytest.mark.parametrize("name", NETWORKS)
def test_error_signals_are_those_of_the_engine(name, driver, make_run, test_split, tmp_path):
    page, findings = write_page(make_run(tmp_path / "run", **NETWORKS[name]), test_split)
    chromium.load(driver, page)
    graph = findings.trained.graph
    graph.graph.differentiate(graph.loss)
    batches = findings.trained.batches(test_split.images, test_split.labels, np.array([3]))
    x, targets = next(batches.epoch())
    graph.forward(x, targets)
    graph.backward()
    script = """
        recognizer.showImage(3);
        recognizer.answer();
        recognizer.showBackward();
        const {errors, norms} = recognizer.back;
        const lists = [...errors].map(([name, error]) => [name, [...error]]);
        return [Object.fromEntries(lists), Object.fromEntries(norms)];"""
    errors, norms = driver.execute_script(script)
    for node in graph.graph.differentiated:
        if node.name in errors:
            np.testing.assert_allclose(errors[node.name], node.error.reshape(-1), atol=TOLERANCE, err_msg=node.name)
        elif node.name in norms:
            expected = pytest.approx(np.linalg.norm(node.error), rel=TOLERANCE, abs=TOLERANCE)
            assert norms[node.name] == expected, node.name
    network = findings.trained.network
    signals = sum(
        network.matrix(layer)[:, : x.shape[0]].T @ np.array(errors[f"{layer.name}.z"])
        for layer in network.layers
        if "input" in layer.inputs
    )
    np.testing.assert_allclose(errors["input"], signals, atol=TOLERANCE)


def test_error_signals_are_those_of_the_lab(driver, configuration, make_run, test_split, tmp_path):
    """Both have the initial weights of the configuration, and its penalty."""
    changes = {"regularization": {"l2": 0.01, "l1": 0.001}, "seed": 9}
    config = configuration(**changes)
    run = make_run(tmp_path / "run", initial=True, **changes)
    page, _ = write_page(run, test_split)
    chromium.load(driver, page)
    driver.execute_script("recognizer.showImage(5); recognizer.answer(); recognizer.showBackward();")
    signals = driver.execute_script(
        "const {errors, norms} = recognizer.back;"
        "return Object.fromEntries([...[...errors].map(([name, error]) => [name, norm(error)]), ...norms]);"
    )
    steps = network_walk.report(config, test_split, 5).values["steps"]
    compared = [step for step in steps if step["error_norm"] is not None and step["name"] in signals]
    assert {"output.y", "output.z", "hidden1.y", "hidden1.z", "hidden1.weights", "hidden1.bias", "loss"} <= {
        step["name"] for step in compared
    }
    for step in compared:
        assert signals[step["name"]] == pytest.approx(step["error_norm"], abs=TOLERANCE), step["name"]


def test_a_cell_of_the_confusion_matrix_shows_exactly_its_images(driver, small):
    page, findings = small
    chromium.load(driver, page)
    script = """
        document.querySelector(`#matrix [data-true="${arguments[0]}"][data-predicted="${arguments[1]}"]`).click();
        const pixels = (tile) => tile.querySelector('canvas').getContext('2d').getImageData(0, 0, 28, 28).data;
        return [...document.querySelectorAll('#cell .tile')].map((tile) => [
          Number(tile.dataset.index), [...pixels(tile)].filter((_, i) => i % 4 === 3)]);"""
    labels = findings.tested.data.labels
    for true in range(10):
        for predicted in range(10):
            shown = driver.execute_script(script, true, predicted)
            expected = np.flatnonzero((labels == true) & (findings.tested.predictions == predicted))
            assert sorted(index for index, _ in shown) == expected.tolist()
            for index, pixels in shown:
                assert pixels == findings.tested.data.images[index].reshape(-1).tolist()


def test_a_unit_shows_the_images_that_excite_it(driver, small):
    page, findings = small
    chromium.load(driver, page)
    unit = int(findings.features.units[2])
    driver.find_element("css selector", f"#units [title='unit {unit}']").click()
    shown = [tile.get_attribute("data-index") for tile in driver.find_elements("css selector", "#unit .tile")]
    assert list(map(int, shown)) == findings.features.images[unit].tolist()


@pytest.mark.parametrize("digit", [0, 4, 7])
def test_a_drawing_is_framed_as_predict_frames_it(digit, driver, small, nncli):
    page, _ = small
    chromium.show(driver, 1600)
    chromium.load(driver, page)
    chromium.draw(driver, PATHS[digit][0])
    drawn, seen, probabilities = driver.execute_script(
        "return [[...recognizer.board.pixels], [...recognizer.last.pixels], recognizer.last.probabilities]"
    )
    side = int(len(drawn) ** 0.5)
    pixels = np.array(drawn, np.uint8).reshape(side, side)
    assert picture.frame(pixels).pixels.reshape(-1).tolist() == seen
    Image.fromarray(pixels).save("drawn.png")
    (predicted,) = json.loads(nncli("predict", page.parent, "drawn.png", "--json").out)
    np.testing.assert_allclose(probabilities, predicted["probabilities"], atol=TOLERANCE)


def test_the_keyboard_draws_and_clears(driver, small):
    from selenium.webdriver import ActionChains, Keys

    page, _ = small
    chromium.load(driver, page)
    driver.execute_script("recognizer.board.clear(); recognizer.board.canvas.focus()")
    ActionChains(driver).send_keys(*[Keys.ARROW_UP] * 5, " ", *[Keys.ARROW_DOWN] * 10, " ").perform()
    rows, columns = driver.execute_script(
        "const {pixels} = recognizer.board, at = [...pixels.keys()].filter((k) => pixels[k]);"
        "const span = (values) => Math.max(...values) - Math.min(...values);"
        "return [span(at.map((k) => Math.floor(k / BOARD))), span(at.map((k) => k % BOARD))]"
    )
    assert rows > 20 > columns > 3
    ActionChains(driver).send_keys(Keys.DELETE).perform()
    assert driver.execute_script("return recognizer.board.empty")


def test_a_mark_that_is_no_digit_is_said(driver, small):
    page, _ = small
    chromium.load(driver, page)
    chromium.draw(driver, [[(20, 20), (20, 60)], [(80, 30), (80, 70)]])
    assert "2 marks found" in driver.find_element("id", "remark").text


@pytest.mark.parametrize("width", [390, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_accessible(width, scheme, driver, small):
    from axe_core_python.selenium import Axe

    page, _ = small
    chromium.show(driver, width, scheme)
    chromium.load(driver, page)
    assert driver.execute_script("return document.documentElement.scrollWidth") == width
    found = [each for each in Axe().run(driver)["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    chromium.show(driver, 1600)


@pytest.mark.timeout(600)
def test_strokes_are_recognized_by_a_network_trained_with_distortions(driver, nncli, tmp_path, monkeypatch):
    config = tmp_path / "distorted.yaml"
    config.write_text(
        "model: {layers: [{units: 300}, {units: 10}]}\n"
        "data:\n"
        "  fallback: synthetic-digits\n"
        "  augment: {shift: 2, rotate: 10, scale: 0.15, shear: 10, elastic: {alpha: 36, sigma: 5}}\n"
        "schedule: {name: cosine}\n"
        "training: {epochs: 6, threads: 1}\n",
        encoding="utf-8",
    )
    data = ["--data-dir", os.environ["NNCLI_DATA_DIR"]] if "NNCLI_DATA_DIR" in os.environ else ["--offline"]
    assert nncli("train", config, "--run-dir", "distorted", *data).code == 0
    assert nncli("report", "distorted").code == 0
    chromium.show(driver, 1600)
    chromium.load(driver, Path("distorted/report.html").absolute())
    read = {}
    for digit, drawings in PATHS.items():
        for i, strokes in enumerate(drawings):
            chromium.draw(driver, strokes)
            read[digit, i] = driver.execute_script("return recognizer.last.digit")
    wrong = {key: value for key, value in read.items() if key[0] != value}
    assert len(read) == 30
    assert len(wrong) <= 3, wrong


def test_a_finger_draws(driver, small):
    page, _ = small
    chromium.show(driver, 390)
    chromium.load(driver, page)
    clear = (
        "recognizer.board.clear(); const box = recognizer.board.canvas.getBoundingClientRect(); return [box.x, box.y]"
    )
    left, top = driver.execute_script(clear)
    for kind, points in (
        ("touchStart", [(100, 60)]),
        ("touchMove", [(105, 150)]),
        ("touchMove", [(110, 250)]),
        ("touchEnd", []),
    ):
        touched = [{"x": left + x, "y": top + y} for x, y in points]
        driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    strokes, scrolled = driver.execute_script("return [recognizer.board.strokes, scrollY]")
    assert [len(stroke) for stroke in strokes] == [3]
    assert scrolled == 0
    chromium.show(driver, 1600)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            ('"function": "relu"', '"function": "swish"'),
            "the network cannot run: it cannot compute the activation swish",
        ),
        (('id="weights">', 'id="weights">AAAA'), "Part of this page does not work: "),
    ],
)
def test_a_fault_is_said_on_the_page(damage, reason, driver, small, tmp_path):
    page, _ = small
    text = page.read_text(encoding="utf-8")
    assert damage[0] in text
    (tmp_path / "damaged.html").write_text(text.replace(*damage), encoding="utf-8")
    chromium.load(driver, tmp_path / "damaged.html")
    assert reason in driver.find_element("id", "fault").text


def test_images_of_another_shape_can_be_chosen_but_not_drawn(driver, make_run, tmp_path):
    rng = np.random.default_rng(1)
    data = Dataset(
        "idx", "test", rng.integers(0, 255, (30, 5, 8), np.uint8), np.arange(30, dtype=np.uint8) % 10, {}, ""
    )
    page, findings = write_page(make_run(tmp_path / "run", shape=(5, 8)), data)
    chromium.load(driver, page)
    np.testing.assert_allclose(see(driver, data), findings.tested.probabilities.T, atol=TOLERANCE)
    driver.execute_script("recognizer.board.clear()")
    chromium.draw(driver, [[(20, 20), (60, 60)]], answered=False)
    assert driver.execute_script("return recognizer.board.empty")
    assert "images of 5 x 8 pixels" in driver.find_element("id", "hint").text


def test_drawings_of_any_size_and_place_are_framed_as_predict_frames_them(driver, small):
    """Drawings reach over the border of the board, and every third has a mark beside the digit."""
    page, _ = small
    chromium.load(driver, page)
    rng = np.random.default_rng(5)
    script = """
        const {board} = recognizer;
        board.clear();
        for (const stroke of arguments[0]) stroke.forEach((at, i) => (i ? board.move(at) : board.begin(at)));
        const {pixels, marks} = framePicture(board.picture());
        return [[...board.pixels], [...pixels], marks];"""
    counts = set()
    for number, strokes in enumerate(drawing for drawings in PATHS.values() for drawing in drawings):
        place, scale = rng.uniform(16, 40, 2), rng.uniform(0.25, 0.75)
        placed = [(scale * (np.array(stroke) - 50) + place).tolist() for stroke in strokes]
        placed += [[[3, 5], [3, rng.uniform(20, 50)]]] * (number % 3 == 0)
        drawn, seen, marks = driver.execute_script(script, placed)
        framed = picture.frame(np.array(drawn, np.uint8).reshape(56, 56))
        assert framed.pixels.reshape(-1).tolist() == seen, number
        assert [remark.split()[0] for remark in framed.remarks] == [str(marks)] * (marks > 1)
        counts.add(marks)
    assert counts >= {1, 2}


def test_a_curve_shows_its_values_under_the_pointer_and_with_the_arrow_keys(driver, small):
    from selenium.webdriver import ActionChains, Keys

    page, _ = small
    chromium.load(driver, page)
    chart = driver.find_element("id", "errors")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(driver).move_to_element_with_offset(chart, chart.size["width"] // 2 - 20, 0).perform()
    reading = chart.find_element("class name", "reading")
    assert reading.text.split() == ["epoch", "2", "(best)", "training", "40.00%", "validation", "30.00%"]
    driver.execute_script("arguments[0].focus()", chart)
    ActionChains(driver).send_keys(Keys.ARROW_LEFT).perform()
    assert reading.text.startswith("epoch 1\n")


def test_the_theme_can_be_changed(driver, small):
    page, _ = small
    chromium.show(driver, 1600, "dark")
    chromium.load(driver, page)
    background = "return getComputedStyle(document.body).backgroundColor"
    dark = driver.execute_script(background)
    driver.find_element("id", "theme").click()
    light = driver.execute_script(background)
    assert sum(map(int, light[4:-1].split(","))) > 3 * 200 > 3 * 60 > sum(map(int, dark[4:-1].split(",")))
    chromium.show(driver, 1600)
