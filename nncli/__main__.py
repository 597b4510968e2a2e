"""Run nncli, as the command and as `python -m nncli`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # while Python imports, ^C ends it without a traceback

from nncli.cli.main import run

if __name__ == "__main__":
    run()
