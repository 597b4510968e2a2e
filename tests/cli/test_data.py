"""`nncli data`: what its commands print, write and refuse."""

import gzip
import json
import struct

import click
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from nncli.cli.data import command
from nncli.cli.main import main
from nncli.config.schema import DataConfig
from nncli.data import download
from nncli.data.preparation import Preparation
from nncli.data.sources import NAMES, SOURCES


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in an empty folder with an empty home, and without the network."""

    def fetch(*arguments, **options):
        raise AssertionError("a download was started")

    monkeypatch.setattr(download, "fetch", fetch)
    monkeypatch.delenv("NNCLI_DATA_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def digits(tmp_path):
    """Return a folder with a small dataset of one's own."""
    folder = tmp_path / "digits"
    folder.mkdir()
    for prefix, examples in (("train", 30), ("t10k", 20)):
        labels = np.resize(np.arange(10, dtype=np.uint8), examples)
        images = np.random.default_rng(1).integers(0, 256, (examples, 28, 28), np.uint8)
        images_header = struct.pack(">HBBIII", 0, 8, 3, *images.shape)
        labels_header = struct.pack(">HBBI", 0, 8, 1, examples)
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images_header + images.tobytes()))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(labels_header + labels.tobytes())
    return folder


def test_the_commands_and_the_configuration_take_every_name_of_a_dataset():
    kinds = {name: command.commands[name].params[0].type for name in ("download", "info", "preview")}
    choices = {name: kind.choices for name, kind in kinds.items() if isinstance(kind, click.Choice)}
    assert choices == {"download": tuple(SOURCES), "info": NAMES, "preview": NAMES}
    assert DataConfig.model_json_schema()["properties"]["name"]["enum"] == list(NAMES)


def test_info_as_json(digits, capsys):
    assert main(["data", "info", "idx", "--data-dir", str(digits), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["dataset"] == "idx"
    train = document["splits"]["train"]
    assert (train["examples"], train["shape"], train["classes"]) == (30, [28, 28], [3] * 10)
    assert (train["origin"], train["published"]) == (str(digits), False)
    assert set(train["sha256"]) == {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"}


def test_info_as_tables(digits, capsys):
    assert main(["data", "info", "idx", "--data-dir", str(digits)]) == 0
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["idx:", str(digits)]
    for row in (["training", "test"], ["examples", "30", "20"], ["class", "9", "3", "2"]):
        assert row in lines
    assert ["pixels", "28", "x", "28", "28", "x", "28"] in lines
    assert ["train-labels-idx1-ubyte", "unpublished"] in [[*line[:1], *line[2:]] for line in lines]


def test_info_names_the_arrays_of_generated_digits(monkeypatch, capsys):
    monkeypatch.setattr("nncli.data.load.SYNTHETIC_SIZES", {"train": (10, 1), "test": (10, 2)})
    assert main(["data", "info", "synthetic-digits"]) == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    parts = (["split", "array"], ["training", "images"], ["test", "labels"])
    assert all(part in lines for part in parts)


@pytest.mark.parametrize("width", [80, 40, 20])
def test_info_is_whole_where_the_screen_is_narrow(width, digits, monkeypatch, capsys):
    monkeypatch.setattr("nncli.cli.console._WIDTH_OFF_TERMINAL", width)
    assert main(["data", "info", "idx", "--data-dir", str(digits)]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    for whole in ("pixels", "examples", "class 9", "28 x 28", "unpublished"):
        assert whole in out
    assert "train-labels-idx1-ubyte" in out.replace("\n", "")


def test_info_without_the_data_says_where_to_put_it(tmp_path, capsys):
    assert main(["data", "info", "--offline"]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    for expected in ("error: MNIST is not in", "nncli data download mnist", "train-images-idx3-ubyte.gz"):
        assert expected in captured.err


def test_preview_writes_a_picture_and_prints_its_path(digits, tmp_path, capsys):
    arguments = ["data", "preview", "idx", "--data-dir", str(digits), "--split", "test", "--per-class", "2"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "idx-test.png\n"
    assert main([*arguments, "--output", "own name.png"]) == 0
    assert (tmp_path / "own name.png").read_bytes() == (tmp_path / "idx-test.png").read_bytes()
    with Image.open(tmp_path / "idx-test.png") as picture:
        assert picture.format == "PNG"


def test_preview_as_json(digits, capsys):
    arguments = ["data", "preview", "idx", "--data-dir", str(digits), "--per-class", "2", "--output", "x.svg", "--json"]
    assert main(arguments) == 0
    shown = {"path": "x.svg", "dataset": "idx", "split": "train", "examples": 20}
    assert json.loads(capsys.readouterr().out) == shown


def test_preview_shows_the_distortions_of_a_configuration(digits, config_file, tmp_path, monkeypatch, capsys):
    config = config_file(data={"augment": {"rotate": 20}})
    arguments = ["data", "preview", "idx", "--data-dir", str(digits), "--config", str(config)]
    for seed in (1, 2):
        config_file(seed=seed, data={"augment": {"rotate": 20}})
        assert main([*arguments, "--output", f"{seed}.png"]) == 0
    assert main(["data", "preview", "idx", "--data-dir", str(digits), "--output", "plain.png"]) == 0
    assert len({path.read_bytes() for path in tmp_path.glob("*.png")}) == 3
    monkeypatch.setattr("nncli.data.load.SYNTHETIC_SIZES", {"train": (10, 1), "test": (10, 2)})
    config = config_file(data={"name": "synthetic-digits", "augment": {"rotate": 20}})
    assert main(["data", "preview", "--config", str(config)]) == 0
    assert (tmp_path / "synthetic-digits-train.png").is_file()
    config_file()
    assert main(arguments) == 2
    assert "has no data.augment section; add one" in capsys.readouterr().err


def test_preview_shows_images_as_the_network_reads_them(digits, config_file, monkeypatch, capsys):
    shown = []

    def draw(data, *_):
        shown.append(data.images)
        return Figure()

    monkeypatch.setattr("nncli.figures.sheet.distortions", draw)
    config = config_file(data={"size": 29, "deskew": True, "augment": {"rotate": 20}})
    assert main(["data", "preview", "idx", "--data-dir", str(digits), "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["examples"] == 10
    images = np.random.default_rng(1).integers(0, 256, (30, 28, 28), np.uint8)  # the classes in turn
    assert np.array_equal(shown[0], Preparation(deskew=True, size=29).apply(images[:10]))


def test_preview_writes_no_png_under_another_name(digits, tmp_path, capsys):
    assert main(["data", "preview", "idx", "--data-dir", str(digits), "--output", "digits.jpg"]) == 2
    assert "'digits.jpg' must end in .png" in capsys.readouterr().err
    assert not (tmp_path / "digits.jpg").exists()


@pytest.mark.parametrize(("arguments", "folder"), [([], ".cache/nncli/mnist"), (["--to", "here"], "here")])
def test_download_fetches_every_file(arguments, folder, tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(download, "fetch", lambda source, files, folder, **_: asked.append((files, folder)))
    assert main(["data", "download", *arguments]) == 0
    [(files, target)] = asked
    assert files == SOURCES["mnist"].files
    assert target.resolve() == tmp_path / folder
    assert "4 files, SHA-256 verified" in capsys.readouterr().out


def test_a_download_says_what_is_waited_for_once_a_mirror(monkeypatch, capsys):
    def fetch(source, files, folder, *, on_progress):
        for mirror in ("first.example", "second.example"):
            for done in (0, 5_000_000, 9_912_422):
                on_progress(done, 9_912_422, f"downloading train-images-idx3-ubyte.gz from {mirror}")

    monkeypatch.setattr(download, "fetch", fetch)
    assert main(["data", "download"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"downloading train-images-idx3-ubyte.gz from {mirror}.example (9.9 MB) ..." for mirror in ("first", "second")
    ]


@pytest.mark.parametrize("arguments", [["info", "cifar"], ["download", "idx"], ["preview", "--per-class", "0"]])
def test_usage_errors(arguments, capsys):
    assert main(["data", *arguments]) == 2
    assert capsys.readouterr().err.startswith("error: Invalid value")
