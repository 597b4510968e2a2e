"""The process: the command `nncli`, or `python -m nncli`."""

import _signal  # type: ignore[import-not-found]  # faster to import than `signal`

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # Ctrl-C during the imports below ends without a traceback

from nncli.cli.main import run

if __name__ == "__main__":
    run()
