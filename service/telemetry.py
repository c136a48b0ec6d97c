"""Logs: for eyes at a terminal, JSON otherwise. They go to standard error; standard output is for results."""

import logging
import os
import sys
import time
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from service.model.errors import ConfigError
from service.scrub import Scrub
from service.text import each_line, legible

_ONCE_IN = 5.0  # seconds


def configure_logs(level: str, stream: TextIO = sys.stderr, *, scrub: Scrub = str) -> None:
    """Set up structlog for this process; raises ConfigError for an unknown *level*.

    No line shows what *scrub* hides, whatever brought it there, or has a control character that is not ours.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ConfigError(f"FILINGBELL_LOG_LEVEL: {level!r} is not a log level; use debug, info, warning or error")
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward()], force=True)
    sys.excepthook = _crashed
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]

    def scrubbed(_: Any, __: str, line: Any) -> str:
        return scrub(line)

    if stream.isatty():
        structlog.configure(
            processors=[
                *shared,
                _legible,
                structlog.dev.ConsoleRenderer(colors=_in_colour(), exception_formatter=_plain_traceback),
                scrubbed,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(number),
            logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lasting(stream))),
        )
        return
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # they hold secrets
            _legible,
            structlog.processors.JSONRenderer(serializer=lambda value, **_: orjson.dumps(value, default=str).decode()),
            scrubbed,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lasting(stream))),
    )


def _in_colour() -> bool:
    """Whether a terminal may be given colours: not where NO_COLOR is set, nor to one that has none."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in ("dumb", "unknown")


def _legible(_: Any, __: str, event: Any) -> Any:
    return legible(event)


def _plain_traceback(stream: TextIO, exception: Any) -> None:
    written = StringIO()
    structlog.dev.plain_traceback(written, exception)
    stream.write(each_line(written.getvalue()))


def _crashed(_: type[BaseException], error: BaseException, __: Any) -> None:
    """What nobody caught is logged as all else is: Python itself would print it unscrubbed."""
    structlog.get_logger().critical("crashed", exc_info=error)


class _Lasting:
    """A stream that may be gone (its terminal closed, its disk full): what cannot be logged ends nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write *text* if that can be."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if that can be."""
        with suppress(OSError):
            self._stream.flush()


class _Forward(logging.Handler):
    """Libraries log by the standard library; what they warn of goes the way of our own.

    During an outage some repeat themselves many times a second: each is passed on once in a while.
    """

    def __init__(self) -> None:
        super().__init__()
        self._quiet: dict[str, float] = {}  # library: until when
        self._ignored: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Pass *record* on, unless this library has just been heard."""
        now = time.monotonic()
        if now < self._quiet.get(record.name, 0.0):
            self._ignored[record.name] = self._ignored.get(record.name, 0) + 1
            return
        self._quiet[record.name] = now + _ONCE_IN
        more = self._ignored.pop(record.name, 0)
        structlog.get_logger().log(
            min(record.levelno, logging.ERROR), record.getMessage(), library=record.name, ignored=more
        )


def resident_mb(process: int | str = "self") -> float:
    """The resident memory of *process* (a number, or this one) now, in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6
