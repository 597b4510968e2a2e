"""Compare the speed of nncli with its peers, and write RESULTS.md and throughput.png (see README.md).

python experiments/benchmarks/bench.py [--quick] [--only PART ...] [--data-dir FOLDER] [--threads N]
"""

import argparse
import shlex
import signal
import sys
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1]))  # the checkout, for `experiments`

from experiments.benchmarks import machine, report  # noqa: E402  (no NumPy before `machine.confine`)
from experiments.benchmarks.parts.part import PARTS, measure  # noqa: E402


def main() -> None:
    """Measure the requested parts."""
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by default, processes started here would live on
    threads = machine.confine(arguments.threads)
    page = arguments.out / "RESULTS.md"
    report.write(
        arguments.only or list(PARTS),
        partial(
            measure,
            quick=arguments.quick,
            rounds=arguments.rounds,
            data_dir=arguments.data_dir,
            folder=arguments.out,
        ),
        partial(machine.describe, threads, command(arguments)),
        page,
        keep=bool(arguments.only),
    )
    print(f"{page.read_text(encoding='utf-8')}\nwritten to {arguments.out}")


def command(arguments: argparse.Namespace) -> str:
    """Return the command that measures the same, without the folders of this machine."""
    options = ["--quick"] if arguments.quick else []
    options += [f"--{name}={value}" for name in ("rounds", "threads") if (value := getattr(arguments, name))]
    only = ["--only", *arguments.only] if arguments.only else []
    return shlex.join(["python", "experiments/benchmarks/bench.py", *options, *only])


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows, systems and rounds; takes a few minutes")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        metavar="PART",
        help=f"measure these parts and keep the rest: {', '.join(PARTS)}",
    )
    parser.add_argument("--rounds", type=int, help="the number of rounds of every part")
    machine.add_options(parser)
    parser.add_argument("--out", type=Path, help="the folder to write to (default: this one; with --quick, runs/bench)")
    arguments = parser.parse_args()
    arguments.out = arguments.out or (HERE.parents[1] / "runs" / "bench" if arguments.quick else HERE)
    arguments.out.mkdir(parents=True, exist_ok=True)
    return arguments


if __name__ == "__main__":
    main()
