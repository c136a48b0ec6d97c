"""One of each role on a database of one machine: locks beside the database, which end with their process."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from service.model.errors import ConfigError
from service.settings import FILE_NAME, Settings
from service.store.database import file_of
from service.store.sqlite import make_folder

_PATIENCE = 2.0  # seconds: a command may be looking whether somebody holds it
_TAKEN_BACK = 5.0  # seconds in which a holder whose lock was removed has noticed it, twice over

log = structlog.get_logger()


class Lock:
    """A file beside the database that is locked as long as its role runs. The file alone means nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def take(self, patience: float) -> bool:
        """Whether it could be had within *patience* seconds. Raises ConfigError where no file can be made."""
        ends = time.monotonic() + patience
        while True:
            held = self._opened(self._path)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(held)
                if time.monotonic() >= ends:
                    return False
                time.sleep(0.1)
            else:
                self._held = held
                if self.stands:
                    return True
                self.release()  # its holder has just put another in its place

    @property
    def stands(self) -> bool:
        """Whether the file is still the one that is locked: somebody may have removed it."""
        assert self._held is not None
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._held))
        except OSError:
            return False

    def keep(self) -> None:
        """Put the lock back where it was removed, also over that of whoever has locked a new one since.

        That one has waited to see this, and gives way.
        """
        if self.stands:
            return
        made = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        held = self._opened(made)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made.replace(self._path)
        self._held, removed = held, self._held
        assert removed is not None
        os.close(removed)
        log.error(
            "lock_file_removed", path=str(self._path), detail="it was made again: a second service must not start"
        )

    def release(self) -> None:
        """Let the next one have it."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _opened(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written to: {error.strerror}; run this as the user who owns the folder, or set "
                "FILINGBELL_HOME to another one"
            ) from error


class Locks:
    """Those of the roles of this process; none where the database is a server, which has leases."""

    def __init__(self, held: tuple[Lock, ...] = ()) -> None:
        self._held = held

    def keep(self) -> None:
        """See that they still stand. Raises OSError where the folder cannot be written to."""
        for lock in self._held:
            lock.keep()


@contextmanager
def only_one(settings: Settings, roles: tuple[str, ...], *, wanted: bool = True) -> Iterator[Locks | None]:
    """On a database of one machine, keep a second of any of *roles* off it: that is what stands for a lease there.

    Raises ConfigError if there is one already; unless it is *wanted* that much, gives None instead.
    """
    file = file_of(settings.database_url)
    if file is None:
        yield Locks()
        return
    make_folder(file)
    whole = _only_name(file)
    paths = [(role, _path(whole, role)) for role in roles]
    missing = whole.exists() and not all(path.exists() for _, path in paths)
    with ExitStack() as stack:
        held = []
        for role, path in paths:
            lock = Lock(path)
            stack.callback(lock.release)
            held.append(lock)
            if not lock.take(_PATIENCE if wanted else 0.0):
                if not wanted:
                    yield None
                    return
                raise _refusal(role, file)
        if missing and wanted:
            _wait_for_a_holder(held, roles, file)
        yield Locks(tuple(held))


def is_held(file: Path, role: str) -> bool:
    """Whether a process of *role* runs on the database in *file* of this machine, whatever the database says."""
    try:
        looked_at = os.open(_path(file.resolve(), role), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(looked_at, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(looked_at)
    return False


def _wait_for_a_holder(held: list[Lock], roles: tuple[str, ...], file: Path) -> None:
    """The locks were new, though the database is not: whoever runs on it without them puts them back."""
    log.info("lock_files_missing", detail="looking whether a service runs all the same", seconds=_TAKEN_BACK)
    ends = time.monotonic() + _TAKEN_BACK
    while time.monotonic() < ends:
        time.sleep(0.1)
        for lock, role in zip(held, roles, strict=True):
            if not lock.stands:
                raise _refusal(role, file)


def _only_name(file: Path) -> Path:
    """The path of *file*. Raises ConfigError if it has another name as well: each would have a journal of its own."""
    whole = file.resolve()
    if whole.exists() and whole.stat().st_nlink > 1:
        raise ConfigError(
            f"the database {file} has a second name (a hard link), under which another service could spoil it; "
            "remove one of the two, or copy the file"
        )
    return whole


def _path(whole: Path, role: str) -> Path:
    return whole.with_name(f"{role}.lock" if whole.name == FILE_NAME else f"{whole.name}.{role}.lock")


def _refusal(role: str, file: Path) -> ConfigError:
    return ConfigError(
        f"another {role} runs on {file} (the service, or a command that does its work); stop it, or "
        "set FILINGBELL_HOME to another folder"
    )
