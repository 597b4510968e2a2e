"""A PostgreSQL server in a folder of its own, on the loopback address, for tests and measurements."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

PASSWORD = "s3cr3t-{of}/%test"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None if it is not installed."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *map(Path, os.get_exec_path())]
    return next((each for each in folders if (each / "initdb").is_file() and (each / "postgres").is_file()), None)


class Server:
    """A server that runs within a `with` block; as root, it runs as the user `nobody`, as PostgreSQL requires."""

    def __init__(self) -> None:
        found = programs()
        assert found, "PostgreSQL is not installed"
        self.programs = found
        self.folder = Path(tempfile.mkdtemp(prefix="nncli-postgresql-"))
        self._as: dict[str, Any] = {"user": "nobody"} if os.getuid() == 0 else {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.folder / "password").write_text(PASSWORD, encoding="ascii")
        if self._as:
            for path in (self.folder, self.folder / "password"):
                shutil.chown(path, "nobody")

    @property
    def data(self) -> Path:
        """The folder of the database."""
        return self.folder / "data"

    def url(self, *, password: bool = True) -> str:
        """Return the URL of a database, which exists."""
        from urllib.parse import quote

        secret = f":{quote(PASSWORD, safe='')}" if password else ""
        return f"postgresql://tester{secret}@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self._as)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300"
        self._run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop the server at once; its connections are closed."""
        self._run("pg_ctl", "stop", "-w", "-D", str(self.data), "-m", "fast")

    def __enter__(self) -> Self:
        secret = f"--pwfile={self.folder / 'password'}"
        self._run("initdb", "-D", str(self.data), "-U", "tester", "-A", "scram-sha-256", secret, "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
