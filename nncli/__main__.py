"""Run nncli, as the command and as `python -m nncli`."""

import _signal  # type: ignore[import-not-found]  # `signal` itself takes long enough to import to meet a ^C

if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # while Python imports, ^C ends it without a traceback

from nncli.cli.main import run

if __name__ == "__main__":
    run()
