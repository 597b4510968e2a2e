"""CONTRIBUTING.md shows the layers of the import contract, and its recipes work as written."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", TEXT, re.DOTALL)

ADDED = {
    "model": {"layers": [{"units": 8, "activation": "leaky_relu"}, {"units": 10}]},
    "loss": "absolute_error",
    "optimizer": {"name": "rmsprop"},
    "schedule": {"name": "linear"},
    "data": {"name": "idx", "validation": 60},
    "training": {"epochs": 1},
}
COMMANDS = [
    ["train", "added.yaml", "--data-dir", "digits", "--run-dir", "run"],
    ["history", "run"],
    ["lab", "learning-rate", "--help"],
    ["lab", "learning-rate", "--rate", "2.5", "--output", "steps.svg"],
    ["data", "download", "--help"],
]


def floors() -> list[tuple[set[str], str]]:
    """Return the rooms of each floor, from the top, with the sign between them, as the import contract has them."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = [re.sub(r"\bnncli\.", "", layer) for layer in contract[0]["layers"]]
    return [(set(re.findall(r"\w+", layer)), "│" if "|" in layer else "·" if ":" in layer else "") for layer in layers]


def test_the_picture_of_the_house_is_the_import_contract() -> None:
    drawn = [line.strip("│ ") for line in TEXT.splitlines() if line.startswith("│ ")]
    signs = [next((sign for sign in "│·" if sign in line), "") for line in drawn]
    assert [(set(re.findall(r"\w+", line)), sign) for line, sign in zip(drawn, signs, strict=True)] == floors()


def test_every_room_has_a_floor_and_a_description() -> None:
    present = {path.stem for path in (ROOT / "nncli").glob("*.py")} | {
        path.parent.name for path in (ROOT / "nncli").glob("*/__init__.py")
    }
    in_contract = [room for rooms, _ in floors() for room in rooms]
    assert sorted(in_contract) == sorted(present - {"__init__"})
    assert sorted(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == sorted(in_contract)


def follow(root: Path, path: str, code: str) -> None:
    """Write the file of a recipe, or put its code before the table that it ends with, and its entry into the table.

    A table in TOML goes to the end of the file.
    """
    file = root / path
    if not file.exists() or file.suffix == ".toml":
        with file.open("a", encoding="utf-8") as stream:
            stream.write(code)
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    start = [found.start() for found in re.finditer(r"^[A-Z]+\b.* = ", code, re.MULTILINE)][-1]
    name, (_, dots, entry) = code[start:].split()[0].strip(":"), code[start:].partition("    ...\n")
    statements = ast.parse("".join(lines)).body
    (table,) = (each for each in statements if re.match(rf"{name}\b.* = ", lines[each.lineno - 1]))
    begin, end = table.lineno - 1, table.end_lineno or 0
    lines[begin:end] = [code[:start], *lines[begin : end - 1], entry] if dots else [code]
    file.write_text("".join(lines), encoding="utf-8")


def test_what_the_recipes_add_works(tmp_path: Path, digits_dir: Path) -> None:
    shutil.copytree(ROOT / "nncli", tmp_path / "nncli", ignore=shutil.ignore_patterns("__pycache__"))
    for path, code in RECIPES:
        follow(tmp_path, path, code)
    (tmp_path / "added.yaml").write_text(yaml.safe_dump(ADDED), encoding="utf-8")
    (tmp_path / "digits").symlink_to(digits_dir)
    program = "import sys; from nncli.cli.main import main; print([main(each) for each in " + f"{COMMANDS!r}])"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == str([0] * len(COMMANDS)), done.stderr
    assert (tmp_path / "steps.svg").exists()
    for said in (
        "Gradient descent starts from w = 1",
        "It does not converge",
        "mnist|county-digits",
        "validation error",
    ):
        assert said in done.stdout
