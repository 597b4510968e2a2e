"""Run nncli as `python -m nncli`."""

from nncli.cli.main import run

if __name__ == "__main__":
    run()
