"""Many nncli commands in one process of its own: how each ended, how long it took, and how much memory.

In that process an audit hook ends everything at the first pickle that is loaded, and at what a pickle or a YAML tag
would do: a folder made by os.mkdir with the name `executed`, a program started, a connection made.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

PROGRAM = """
import contextlib, io, json, os, platform, resource, sys, time
from nncli.cli.main import main
import nncli.build, nncli.config.load, nncli.data.picture, nncli.evaluation.probabilities
from nncli.cli import evaluate, predict, train
from PIL import Image
Image.init()
platform.platform()  # it starts a program to ask, once
nncli.config.load.from_mapping({"name": "first", "model": {"layers": [{"units": 10}]}})  # builds validators, once
commands = [json.loads(line) for line in sys.stdin]
if any("visualize-features" in command for command in commands):
    import matplotlib.font_manager  # it starts a program to find fonts

def hook(event, arguments):
    executed = event == "os.mkdir" and "executed" in str(arguments[0])
    if executed or event in ("pickle.find_class", "os.system", "subprocess.Popen", "socket.connect", "os.exec"):
        os.write(2, f"{event} {arguments}\\n".encode())
        os._exit(99)

sys.addaudithook(hook)

def memory(which):
    "The bytes in use (VmRSS) or the most that were since the last `forget` (VmHWM)."
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(which))
    except OSError:  # no Linux: the most that ever were, for both
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def forget():
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")

for command in commands:
    forget()
    before = memory("VmRSS")
    out, err = io.StringIO(), io.StringIO()
    began = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    seconds = time.process_time() - began
    print(json.dumps([code, out.getvalue(), err.getvalue(), seconds, memory("VmHWM") - before]), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """How a command ended: exit code, output, processor seconds, and the bytes of memory that it took at most."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


def run_all(commands, folder, *, timeout):
    """Run commands one after the other in one process, in a folder; give an Answer for each."""
    lines = "".join(json.dumps([str(part) for part in command]) + "\n" for command in commands)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=lines, cwd=folder, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return [Answer(*json.loads(line)) for line in done.stdout.splitlines()]


def assert_refused(answer, code, *parts, lines=1):
    """Check that a command printed nothing but so many lines that say why, and ended with this exit code."""
    assert answer.code == code, answer
    assert answer.out == "", answer
    shown = answer.err.splitlines()
    assert len(shown) == lines, answer
    assert all(line.startswith("error: ") for line in shown), answer
    assert all(part in answer.err for part in parts), answer
