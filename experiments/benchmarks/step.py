"""Plot docs/step.png, where the time of a training step goes, and write the tables of docs/performance.md.

python experiments/benchmarks/step.py [--rounds N] [--threads N] [--data-dir FOLDER]
"""

import argparse
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # for `experiments`

from experiments.benchmarks import machine  # noqa: E402  (no NumPy before `machine.confine`)

PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "step.png"
BLOCK = r"(<!-- make performance: {name} -->\n).*?(<!-- end -->)"


def main() -> None:
    """Measure, and write the picture and the page."""
    arguments = parse()
    threads = machine.confine(arguments.threads)
    from experiments.benchmarks import breakdown, costs, peers, step_plot
    from experiments.benchmarks.examples import training_examples

    examples, _ = training_examples(arguments.data_dir)
    measured = []
    for row in step_plot.ROWS:
        measured.append(breakdown.measure(row, examples, arguments.rounds))
        print(f"{row.name}: {measured[-1].total:.3f} ms", flush=True)
    beside, source = peers.ratios(step_plot.ROWS, examples)
    step_plot.draw(PICTURE, measured, beside)
    blocks = {
        "facts": machine.describe(threads, command(arguments)) + f"- peers in the figure: {source}\n",
        "step": step_plot.table_of(measured),
    }
    blocks |= {name: costs.lay_out(rows, examples, arguments.rounds) for name, rows in costs.SERIES.items()}
    PAGE.write_text(with_blocks(PAGE.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    print(f"wrote {PICTURE} and {PAGE}")


def command(arguments: argparse.Namespace) -> str:
    """Return the command that measures the same, without the folders of this machine."""
    given = [("rounds", arguments.rounds), ("threads", arguments.threads)]
    return shlex.join(
        ["python", "experiments/benchmarks/step.py", *(f"--{name}={each}" for name, each in given if each)]
    )


def with_blocks(page: str, blocks: dict[str, str]) -> str:
    """Return a page with new text between the markers `<!-- make performance: NAME -->` and `<!-- end -->`.

    Raises:
        ValueError: a marker is missing.
    """
    for name, text in blocks.items():
        page, found = re.subn(
            BLOCK.format(name=name), lambda match, text=text: f"{match[1]}\n{text}\n{match[2]}", page, flags=re.DOTALL
        )
        if not found:
            raise ValueError(f"{PAGE.name} has no place for '{name}'")
    return page


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds of each measurement (default: 5)")
    machine.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
