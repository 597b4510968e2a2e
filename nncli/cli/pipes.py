"""Rich consoles whose reader may leave, as in `nncli graph mlp.yaml | head -1`."""

import sys

from rich.console import Console

from nncli.cli.nowhere import send_nowhere


class Results(Console):
    """Prints results: once nobody reads them, the command may end."""

    def on_broken_pipe(self) -> None:
        """Let the BrokenPipeError that Rich is handling reach the boundary of the command line."""
        raise


class Progress(Console):
    """Prints remarks: once nobody reads them, the work continues in silence."""

    def on_broken_pipe(self) -> None:
        """Print nothing more, and leave the interpreter nothing to flush into the broken pipe."""
        self.quiet = True
        send_nowhere(sys.stderr)
