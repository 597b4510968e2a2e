"""A training that another process supervises: it reports each epoch, and is told whether to continue.

After each epoch, one JSON object with its metrics is printed on stdout, and a line is read from stdin: `continue` or
`prune`. At the end of stdin, because the supervisor has ended, the training stops as after SIGTERM.
"""

import os
import queue
import signal
import sys
import threading
from dataclasses import asdict
from json import dumps

from nncli.training import events
from nncli.training.loop import Training


class Supervision:
    """Obeys the process at the other end of stdin; `verdict` is called after each epoch is recorded."""

    def __init__(self) -> None:
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._answers.put(line.strip())
        self._answers.put("")
        os.kill(os.getpid(), signal.SIGTERM)

    def verdict(self, training: Training, event: events.Event) -> None:
        """Report an epoch, wait for the answer, and stop the training if it is `prune`."""
        if isinstance(event, events.EpochFinished):
            print(dumps(asdict(event)), flush=True)  # noqa: T201 - for a program
            if self._answers.get() == "prune":
                training.stop(events.PRUNED)
