"""What a log line shows, for eyes and for programs."""

import logging
import re
import sys
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest
import structlog

from service import telemetry
from service.scrub import Scrubber
from tests.kit.places import DOCS, ROOT

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


EVENT = re.compile(r"\blog\.(?:debug|info|warning|error|exception)\(\s*\"([^\"]*)\"")


def test_log_events_have_stable_names_and_the_docs_know_no_others() -> None:
    """What is alerted on must not change with its wording."""
    files = [path for folder in ("service", "consumers") for path in (ROOT / folder).rglob("*.py")]
    events = {event for path in files for event in EVENT.findall(path.read_text())}
    told = (DOCS / "operations.md").read_text().split("## Log events")[1].split("## Metrics")[0]
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", told)) - {"to_send_again"}

    assert {event for event in events if not re.fullmatch(r"[a-z]+(_[a-z]+)*", event)} == set()
    assert named - events <= {"crashed"}


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_none(variable: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As https://no-color.org asks."""
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    written, handlers, hook = Terminal(), logging.getLogger().handlers[:], sys.excepthook
    telemetry.configure_logs("info", written)
    structlog.get_logger().warning("told", name="x")
    structlog.reset_defaults()
    sys.excepthook = hook
    logging.basicConfig(handlers=handlers or [logging.NullHandler()], force=True)

    assert "told" in written.getvalue()
    assert "\x1b" not in written.getvalue()
