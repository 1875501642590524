"""A real PostgreSQL server for the tests: started by them on a unix socket in a temporary folder, fast and unsafe."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

CANDIDATES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def find_binaries() -> Path | None:
    """The folder with initdb and postgres, or None."""
    for folder in (*CANDIDATES, *(Path(p) for p in os.environ.get("PATH", "").split(os.pathsep))):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


class TestPostgres:
    """Start, make databases, stop. As root it runs as the user postgres (or nobody)."""

    __test__ = False

    def __init__(self, *, durable: bool = False) -> None:
        found = find_binaries()
        if found is None:
            raise RuntimeError("PostgreSQL's server programs are needed for the tests: install the package postgresql")
        self.binaries = found
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="swpg", dir="/tmp"))
        self.data = self.folder / "data"
        self.user = _user()
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)

    def start(self) -> "TestPostgres":
        self._run("initdb", "-D", str(self.data), "-U", "swapmeet", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        sync = "on" if self.durable else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": sync,
            "synchronous_commit": sync,
            "full_page_writes": sync,
            "max_connections": "200",
            "shared_buffers": "64MB",
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            self._as_user([str(self.binaries / "postgres"), "-D", str(self.data), *flags]),
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("wb"),
            cwd=self.folder,
        )
        for _ in range(200):
            if subprocess.run([self.binaries / "pg_isready", "-h", str(self.folder), "-q"], check=False).returncode == 0:
                return self
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def url(self, name: str) -> str:
        return f"postgresql://swapmeet@/{name}?host={quote(str(self.folder), safe='')}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Returns its address."""
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> None:
        command = [str(self.binaries / "psql"), "-h", str(self.folder), "-U", "swapmeet", "-d", database, "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]
        subprocess.run(command, check=True, capture_output=True)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self, command: list[str]) -> list[str]:
        if self.user is None:
            return command
        return ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups", *command]

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(self._as_user([str(self.binaries / program), *arguments]), check=True, capture_output=True, cwd=self.folder)


def _user() -> "pwd.struct_passwd | None":
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
