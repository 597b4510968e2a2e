"""Rich consoles whose reader may go away, as in `nncli graph mlp.yaml | head -1`."""

import sys

from rich.console import Console

from nncli.cli.nowhere import send_nowhere


class Results(Console):
    """Prints what was asked for: where nobody reads it any more, the command may end."""

    def on_broken_pipe(self) -> None:
        """Let the BrokenPipeError that Rich is handling reach the boundary of the command line."""
        raise


class Progress(Console):
    """Prints remarks: the work goes on, silently, where nobody reads them any more."""

    def on_broken_pipe(self) -> None:
        """Print nothing more, and leave nothing for the interpreter to flush into the broken pipe at its end."""
        self.quiet = True
        send_nowhere(sys.stderr)
