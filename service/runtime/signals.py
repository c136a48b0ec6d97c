"""What signals do to a service: stop it, or let it load its configuration again. None ends it without a word."""

import asyncio
import errno
import os
import signal
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class Signals:
    """SIGTERM and SIGINT end *work*; SIGHUP calls *reload*, or ends *work* where it means that the terminal is gone.

    What is under way may end, *seconds* at most; a second signal ends it at once. ``why`` is what ended it.
    """

    def __init__(self, work: asyncio.Task[None], seconds: float, reload: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._seconds = seconds
        self._reload = reload
        self._reloading: set[asyncio.Task[None]] = set()
        # Under nohup, a terminal that is closed does not matter: then SIGHUP was ignored before us.
        self._terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()
        self.why = "it came to its end"

    def listen(self) -> None:
        """From now on signals mean this."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, f"by {number.name}")
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    def _stop(self, why: str) -> None:
        if self._work.cancelling():
            os._exit(130)
        self.why = why
        log.info("stopping", why=why, seconds=self._seconds)
        self._work.cancel()
        asyncio.get_running_loop().call_later(self._seconds, _too_long)

    def _hang_up(self) -> None:
        if self._terminal and not _has_terminal():
            self._terminal = False
            _leave_the_terminal()
            if not self._work.cancelling():
                self._stop("its terminal was closed")
            return
        task = asyncio.ensure_future(self._reload())
        self._reloading.add(task)
        task.add_done_callback(self._reloading.discard)


def _too_long() -> None:
    log.error("stopped_in_the_middle", detail="what was not done is repeated at the next start, under the same id")
    os._exit(os.EX_TEMPFAIL)


def _has_terminal() -> bool:
    """Whether a terminal controls this process, and is there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _leave_the_terminal() -> None:
    """What is logged on a terminal that is gone fails, and would end the work before it could end by itself."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        try:
            os.ttyname(stream)
        except OSError as error:  # another platform's way to say that there is no terminal
            if error.errno == errno.EIO:
                os.dup2(nowhere, stream)
    os.close(nowhere)
