"""Trains every configuration of this folder with three seeds and writes RESULTS.md from what the commands print."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SEEDS = (1, 2, 3)

HEAD = """# Results

Written by `make results`: every configuration of this folder, trained by `nncli train` with seeds {seeds} and evaluated
once by `nncli evaluate` on the test split, with the weights of the epoch that was best on the validation split.

| configuration | data | test error, mean | of each seed | validation error, mean |
|---|---|---|---|---|
"""


def nncli(*arguments: object) -> dict[str, object]:
    """Run one command with --json and read what it prints."""
    command = [sys.executable, "-m", "nncli", *map(str, arguments), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def row(config: Path, folder: Path) -> str:
    """Train and evaluate one configuration with every seed."""
    trained, tested = [], []
    for seed in SEEDS:
        run = folder / f"{config.stem}-{seed}"
        trained.append(nncli("train", config, "--seed", seed, "--run-dir", run, "-q"))
        tested.append(nncli("evaluate", run))
        print(f"{config.name} seed {seed}: {tested[-1]['error']:.2%}", file=sys.stderr)
    errors = [each["error"] for each in tested]
    return (
        f"| `{config.name}` | {tested[0]['dataset']} | **{statistics.mean(errors):.2%}** "
        f"| {', '.join(f'{error:.2%}' for error in errors)} "
        f"| {statistics.mean(each['best']['validation_error'] for each in trained):.2%} |"
    )


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(config, Path(folder)) for config in sorted(HERE.glob("*.yaml"))]
    text = HEAD.format(seeds=", ".join(map(str, SEEDS))) + "\n".join(rows) + "\n"
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
