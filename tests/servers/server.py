"""A server process that can be stopped, killed and started again with what it has stored."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class CannotStart(Exception):
    """The server cannot be had on this machine; the message says what is missing."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One process, its log in *folder*."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        answers: Callable[[], bool],
        *,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        patience: float = 60.0,
    ) -> None:
        self._name = name
        self._command = command
        self._folder = folder
        self._answers = answers
        self._user = user
        self._environment = dict(os.environ) | dict(environment or {})
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; raises CannotStart with the end of its log."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                user=self._user,
                env=self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + self._patience
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self._folder / "log").read_text(errors="replace")[-1500:]
                self.kill()
                raise CannotStart(f"{self._name} does not start:\n{tail}")
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """Send it *number*."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with *number*, and wait for that."""
        self.send(number)
        if self._process is not None:
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Nothing of it runs any more."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def answers_on(port: int) -> Callable[[], bool]:
    """Whether somebody listens on *port*."""

    def look() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            return False
        return True

    return look
