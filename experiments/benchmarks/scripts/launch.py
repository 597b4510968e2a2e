"""Run a command, and print its seconds and peak memory as JSON.

The peak memory of a process includes what its parent occupied when it was started, so this parent is small.

    python launch.py OUTPUT COMMAND [ARGUMENT ...]
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command with its output in a file, and wait for it."""
    output, *command = sys.argv[1:]
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    redirect = [(os.POSIX_SPAWN_DUP2, descriptor, 1), (os.POSIX_SPAWN_DUP2, descriptor, 2)]
    began = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=redirect)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"code": code, "seconds": seconds, "peak_bytes": usage.ru_maxrss * unit}))


if __name__ == "__main__":
    main()
