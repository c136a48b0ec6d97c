"""What a log line shows, for eyes and for programs."""

import logging
import sys
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest
import structlog

from service import telemetry
from service.scrub import Scrubber

ADDRESS = "https://hooks.slack.com/services/T0/B0/XkCanary7Slack"
SCRUB = Scrubber([ADDRESS])


class Terminal(StringIO):
    """A stream for eyes."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[StringIO, Terminal], ids=["a file", "a terminal"])
def stream(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """Where the log goes."""
    written: StringIO = request.param()
    handlers, hook = logging.getLogger().handlers[:], sys.excepthook
    telemetry.configure_logs("debug", written, scrub=SCRUB)
    yield written
    structlog.reset_defaults()
    sys.excepthook = hook
    logging.basicConfig(handlers=handlers or [logging.NullHandler()], force=True)


def test_no_line_shows_a_secret_address(stream: StringIO) -> None:
    """Not in an event, a detail or a traceback, ours or a library's."""
    log = structlog.get_logger()
    log.info("sent", to=ADDRESS, detail={"body": [ADDRESS]})
    logging.getLogger("library").warning("cannot connect to %s", ADDRESS)
    log.error("failed", exc_info=ValueError(ADDRESS))
    sys.excepthook(ValueError, ValueError(f"nobody caught {ADDRESS}"), None)

    assert "hooks.slack.com***" in stream.getvalue()
    assert "nobody caught https://hooks.slack.com***" in stream.getvalue()
    assert "XkCanary7Slack" not in stream.getvalue()


def test_no_line_is_forged_and_none_steers_the_terminal(stream: StringIO) -> None:
    """A receiver's words are words, also in a traceback."""
    log = structlog.get_logger()
    hostile = "x\x9b31m\x1b]0;title\x07\u202e\u2028\ud800\r\nFORGED"
    log.info("answered", detail=hostile)
    log.error("failed", exc_info=ValueError(hostile))
    written = stream.getvalue()

    assert not any(bad in written for bad in ("\x9b", "\x1b]", "\x07", "\u202e", "\u2028", "\ud800", "\r"))
    if not stream.isatty():
        assert ["answered", "failed"] == [orjson.loads(line)["event"] for line in written.splitlines()]
