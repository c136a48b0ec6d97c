"""Logs: for eyes at a terminal, JSON otherwise. They go to standard error; standard output is for results."""

import logging
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from service.model.errors import ConfigError


def configure_logs(level: str, stream: TextIO = sys.stderr) -> None:
    """Set up structlog for this process; raises ConfigError for an unknown *level*."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ConfigError(f"INSIDERWIRE_LOG_LEVEL: {level!r} is no level; use debug, info, warning or error")
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward()], force=True)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if stream.isatty():
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
            wrapper_class=structlog.make_filtering_bound_logger(number),
            logger_factory=structlog.PrintLoggerFactory(stream),
        )
        return
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # they hold secrets
            structlog.processors.JSONRenderer(serializer=lambda value, **_: orjson.dumps(value, default=str).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )


class _Forward(logging.Handler):
    """Libraries log by the standard library; what they warn of goes the way of our own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass *record* on."""
        log = structlog.get_logger()
        log.log(min(record.levelno, logging.ERROR), record.getMessage(), library=record.name)


def resident_mb(process: int | str = "self") -> float:
    """The resident memory of *process* (a number, or this one) now, in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6
