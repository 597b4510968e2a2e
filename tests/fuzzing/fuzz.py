"""`make fuzz`: feed YAML, IDX, checkpoints and pictures to nncli, guided by coverage; only its own exceptions come out.

    python tests/fuzzing/fuzz.py [TARGET ...]

FUZZ_SECONDS is the time for all targets together, an hour if unset. What was found interesting is kept in .fuzz/ for
the next time; an input that fails lies in .fuzz/findings/, and is fed again with: fuzz.py --feed TARGET FILE.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
FOLDER = TESTS.parent / ".fuzz"
HOUR = 3600
ROUND = 150  # seconds of one process: a fuzzer's own memory grows, and what an input takes is to be seen beside it

sys.path.insert(0, str(TESTS))


def main(arguments: list[str]) -> int:
    """Fuzz each target in processes of its own; 0 where nothing was found."""
    if arguments[:1] == ["--feed"]:
        feed(arguments[1], Path(arguments[2]).read_bytes())
        return 0
    if arguments[:1] == ["--run"]:
        run(arguments[1], arguments[2:])
    names = arguments or ["yaml", "idx", "checkpoint", "picture"]
    seconds = max(1, int(os.environ.get("FUZZ_SECONDS", HOUR)) // len(names))
    failures = [fuzz(name, seconds) for name in names]
    return int(any(failures))


def feed(name: str, data: bytes) -> None:
    """Give one input to a target, to see how it fails."""
    from hostile.targets import TARGETS

    TARGETS[name](data)


def run(name: str, options: list[str]) -> None:
    """Fuzz a target in this process, which the fuzzer ends."""
    import atheris  # type: ignore[import-untyped]

    with atheris.instrument_imports(include=["nncli", "PIL", "gzip"]):
        from hostile.targets import TARGETS
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz a target for some seconds and say what came of it; whether an input failed."""
    from hostile.seeds import SEEDS

    corpus, findings = FOLDER / name, FOLDER / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number}").write_bytes(content)
    options = ["-print_final_stats=1", "-timeout=20", "-rss_limit_mb=1024", "-max_len=8192"]
    prefix = f"-artifact_prefix={findings / name}-"
    executed, failed = 0, False
    for begun in range(0, seconds, ROUND):
        limit = f"-max_total_time={min(ROUND, seconds - begun)}"
        command = [sys.executable, __file__, "--run", name, *options, limit, prefix, str(corpus)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        count = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
        of_round = int(count[1]) if count else 0
        executed, failed = executed + of_round, done.returncode != 0 or not of_round
        if failed:
            print(done.stdout[-2_000:], done.stderr[-4_000:], sep="\n", file=sys.stderr)
            break
    print(f"{name:<10} {executed:>10,} inputs in {seconds:,} s, {'FAILED' if failed else 'nothing found'}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
