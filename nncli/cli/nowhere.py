"""Where the output of a stream goes that can no longer be written: nowhere."""

import os
from typing import TextIO


def send_nowhere(stream: TextIO) -> None:
    """Let a stream's file be the null device from now on, so that the interpreter's last flush of it succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
