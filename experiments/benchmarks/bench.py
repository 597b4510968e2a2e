"""Times nncli beside its peers and writes RESULTS.md and throughput.png; README.md says how to read them.

python experiments/benchmarks/bench.py [--quick] [--data-dir FOLDER] [--threads N] [--parts PART ...]
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1]))  # the checkout, for `experiments`

from experiments.benchmarks import machine  # noqa: E402  (nothing before this may import NumPy: see machine.confine)

PARTS = ("throughput", "commands", "data")
ROUNDS, QUICK_ROUNDS = 5, 3


def main() -> None:
    """Measure what the arguments ask for."""
    arguments = parse()
    threads = machine.confine(arguments.threads)
    from experiments.benchmarks import report

    text = report.write(
        arguments.parts,
        quick=arguments.quick,
        rounds=arguments.rounds or (QUICK_ROUNDS if arguments.quick else ROUNDS),
        data_dir=arguments.data_dir,
        facts=machine.describe(threads, again(arguments)),
        folder=arguments.out,
    )
    print(f"{text}\nwritten to {arguments.out}")


def again(arguments: argparse.Namespace) -> str:
    """Give the command that measures the same, without the folders of this machine."""
    options = ["--quick"] if arguments.quick else []
    options += [f"--{name}={value}" for name in ("rounds", "threads") if (value := getattr(arguments, name))]
    parts = [] if set(arguments.parts) == set(PARTS) else ["--parts", *arguments.parts]
    return shlex.join(["python", "experiments/benchmarks/bench.py", *options, *parts])


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two networks, four systems, three rounds: 3 minutes")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    parser.add_argument("--rounds", type=int, help=f"rounds of each row ({ROUNDS}; with --quick {QUICK_ROUNDS})")
    parser.add_argument("--threads", type=int, help="for every system (default: all processors)")
    folder = os.environ.get("NNCLI_DATA_DIR")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(folder) if folder else None, help="MNIST's four files [NNCLI_DATA_DIR]"
    )
    parser.add_argument("--out", type=Path, help="the folder to write to (a whole run: this one; else runs/bench)")
    arguments = parser.parse_args()
    whole = not arguments.quick and set(arguments.parts) == set(PARTS)
    arguments.out = arguments.out or (HERE if whole else HERE.parents[1] / "runs" / "bench")
    arguments.out.mkdir(parents=True, exist_ok=True)
    return arguments


if __name__ == "__main__":
    main()
