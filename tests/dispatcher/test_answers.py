"""What a receiver answers, and what that means: nothing it says loses an alert, sends one twice, or makes us fail."""

import asyncio
import random
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from consumers.dispatcher.channels import load
from consumers.dispatcher.door import doors
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.outcome import Outcome
from consumers.dispatcher.retry_after import retry_after
from consumers.dispatcher.schedule import RetrySchedule
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.message import MessageKind
from service.wire import encode
from tests.kit.answering import Say, bytes_of, saying
from tests.kit.documents import an_alert
from tests.kit.receiver import SECRET

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OK = b"HTTP/1.1 200 OK\r\n"


def then_silence(data: bytes) -> Say:
    """*data*, and then nothing for ever."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.Event().wait()

    return say


def then_endlessly(data: bytes, piece: bytes) -> Say:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        while True:
            writer.write(piece)
            await writer.drain()

    return say


async def sent(url: str, kind: str = "webhook") -> Outcome:
    """What comes of an alert to a *kind* of channel at *url*."""
    secrets = {"secrets": [SECRET]} if kind == "webhook" else {}
    channel = load({"one": {"type": kind, "url": url, **secrets}})["one"]
    async with doors() as opened:
        outcome, _ = await exchange(
            channel, Guard(opened, lambda: NOW, str), MessageKind.ALERT, encode(an_alert()), NOW, trusted=True
        )
    return outcome


async def answered(status: int, body: bytes = b"because", kind: str = "webhook", headers: str = "") -> Outcome:
    """What comes of an alert that is answered like this."""
    answer = f"HTTP/1.1 {status} Phrase\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
    async with saying(bytes_of(answer)) as (url, _):
        return await sent(url, kind)


@pytest.mark.parametrize("kind", ["webhook", "slack"])
async def test_whatever_is_not_2xx_is_tried_again(kind: str) -> None:
    """Also a status that nobody has heard of: that loses nothing. 410 is a webhook's last word."""
    for status in [*range(300, 600), 999]:
        outcome = await answered(status, b"", kind)
        expected = DeliveryState.DEAD if (kind, status) == ("webhook", 410) else DeliveryState.PENDING
        assert (expected, status) == (outcome.state, outcome.status)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, Reason.RECEIVED),
        (302, Reason.REDIRECT),
        (401, Reason.CLIENT_ERROR),
        (410, Reason.GONE),
        (413, Reason.INVALID_MESSAGE),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (530, Reason.SERVER_ERROR),
        (999, Reason.SERVER_ERROR),
    ],
)
async def test_a_status_has_a_reason(status: int, reason: Reason) -> None:
    """Which is what metrics count and an operator reads."""
    outcome = await answered(status)

    assert reason is outcome.reason
    assert f"{status} Phrase" in outcome.detail
    assert ("because" in outcome.detail) == (reason not in (Reason.RECEIVED, Reason.REDIRECT))


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(bytes(10_000_000)) + packer.flush()


BODIES = {
    "cut": bytes_of(OK + b"Content-Length: 100\r\n\r\nabc"),
    "cut in chunks": bytes_of(OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\nabc"),
    "of bad chunks": bytes_of(OK + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\nabc\r\n0\r\n\r\n"),
    "of two lengths": bytes_of(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n"),
    "badly compressed": bytes_of(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde"),
    "oddly compressed": bytes_of(OK + b"Content-Encoding: nonsense\r\nContent-Length: 5\r\n\r\nabcde"),
    "a bomb": bytes_of(OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + _bomb()),
    "never sent": then_silence(OK + b"Content-Length: 100\r\n\r\n"),
    "never ending": then_endlessly(OK + b"Content-Length: 1000000000000\r\n\r\n", b"x" * 65536),
    "never ending in chunks": then_endlessly(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nabcde\r\n"),
    "under a header of 9 kB": bytes_of(OK + b"X-Long: " + b"a" * 9000 + b"\r\nContent-Length: 2\r\n\r\nok"),
    "under 500 headers": bytes_of(OK + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"Content-Length: 0\r\n\r\n"),
    "of an unknown charset": bytes_of(OK + b"Content-Type: text/plain; charset=x\r\nContent-Length: 2\r\n\r\n\xff\xfe"),
    "a login page": bytes_of(OK + b"Content-Length: 27\r\n\r\n<html>Please log in.</html>"),
}


@pytest.mark.parametrize("body", BODIES)
async def test_2xx_is_delivered_whatever_its_body_does(body: str) -> None:
    """The receiver has it: asking again would send it twice."""
    async with saying(BODIES[body]) as (url, asked):
        outcome = await sent(url)

    assert (DeliveryState.DELIVERED, Reason.RECEIVED, 200) == (outcome.state, outcome.reason, outcome.status)
    assert 1 == len(asked)


async def test_a_body_where_there_must_be_none_spoils_nothing() -> None:
    """204 has none, and some say something all the same."""
    for status in (204, 205):
        assert DeliveryState.DELIVERED is (await answered(status)).state
    assert (DeliveryState.PENDING, 304) == ((outcome := await answered(304)).state, outcome.status)


@pytest.mark.parametrize(
    ("status", "body", "state", "reason"),
    [
        (200, b"ok", DeliveryState.DELIVERED, Reason.RECEIVED),
        (200, b'{"ok": true}', DeliveryState.DELIVERED, Reason.RECEIVED),
        (200, b"{cut", DeliveryState.DELIVERED, Reason.RECEIVED),
        (200, b"invalid_token", DeliveryState.DEAD, Reason.REFUSED),
        (200, b'{"ok": false}', DeliveryState.PENDING, Reason.REFUSED),
        (200, b'{"ok": false, "error": "channel_not_found"}', DeliveryState.DEAD, Reason.REFUSED),
        (200, b'{"ok": false, "error": "ratelimited"}', DeliveryState.PENDING, Reason.RATE_LIMITED),
        (400, b"invalid_payload", DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (400, b"invalid_blocks\n", DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (400, b"user_not_found", DeliveryState.DEAD, Reason.REFUSED),
        (403, b"invalid_token", DeliveryState.DEAD, Reason.REFUSED),
        (403, b"action_prohibited", DeliveryState.PENDING, Reason.REFUSED),
        (404, b"no_service", DeliveryState.DEAD, Reason.REFUSED),
        (404, b"no_active_hooks", DeliveryState.DEAD, Reason.REFUSED),
        (404, b"<html>no_service</html>", DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (410, b"channel_is_archived", DeliveryState.DEAD, Reason.REFUSED),
        (410, b"", DeliveryState.PENDING, Reason.GONE),
        (403, b"team_disabled", DeliveryState.DEAD, Reason.REFUSED),
        (500, b"rollup_error", DeliveryState.PENDING, Reason.REFUSED),
    ],
)
async def test_slack_is_taken_at_its_word(status: int, body: bytes, state: DeliveryState, reason: Reason) -> None:
    """Also where it says no with 200; and final is only what Slack documents as final."""
    outcome = await answered(status, body, "slack")

    assert (state, reason) == (outcome.state, outcome.reason)
    assert reason is Reason.RECEIVED or body.decode().strip() in outcome.detail


async def test_a_webhooks_own_words_are_its_own() -> None:
    """They are Slack's only from Slack."""
    assert DeliveryState.DELIVERED is (await answered(200, b'{"ok": false}')).state


RETRY_AFTER = {  # what a receiver has been seen to write, or might: None is no Retry-After
    "soon": None,
    "-5": None,
    "1e99": None,
    "9" * 4301: None,
    "9" * 5000: None,
    "": None,
    "1.5": timedelta(seconds=1.5),
    "\u0663": None,
    "Wed, 21 Oct 99999 07:28:00 GMT": None,
    "Wed, 21 Oct 2026 07:28:00 +99999999999999999999": None,
    "Wed, 21 Oct 2026 07:28:00 +999999999999999999999999999999": None,
    "120, 60": None,
    "+5": None,
    "0x10": None,
    "inf": None,
    "nan": None,
    "1:2:3": None,
    "1.2.3.4.5.6.7": None,
    "A" * 8000: None,
    "(" * 3000: None,
    "0": timedelta(0),
    "  3  ": timedelta(seconds=3),
    "64.57": timedelta(seconds=64.57),
    "86400.5": timedelta(days=1),
    "1.": None,
    "86401": timedelta(days=1),
    "999999999": timedelta(days=1),
    "Wed, 25 Nov 2026 12:01:30 GMT": timedelta(seconds=90),
    "Wed, 25 Nov 2026 07:01:30 -0500": timedelta(seconds=90),
    "Wed, 21 Oct 2015 07:28:00 GMT": timedelta(0),
    "Wed, 21 Oct 2099 07:28:00 GMT": timedelta(days=1),
    "Fri, 31 Dec 9999 23:59:59 -1400": timedelta(days=1),
    "Mon, 01 Jan 0001 00:00:00 +1400": timedelta(0),
}


async def test_retry_after_means_a_time_or_nothing() -> None:
    """Whatever stands there, the attempt has an outcome; a day is the longest that it may ask for."""
    found = {
        value: await answered(503, headers=f"Retry-After: {value.encode().decode('latin-1')}\r\n")
        for value in RETRY_AFTER
    }

    assert {value: (DeliveryState.PENDING, wait) for value, wait in RETRY_AFTER.items()} == {
        value: (outcome.state, outcome.retry_after) for value, outcome in found.items()
    }


@pytest.mark.parametrize(
    "value", ["\0", "Wed, 21 Oct 2026", "Wed, 21 Oct 2026 07:28:61 GMT", "Wed, 21 Oct 2026 07:28:00 +9999"]
)
def test_an_odd_date_never_raises(value: str) -> None:
    """What it means matters less."""
    retry_after(value, NOW)


NO_ANSWERS = {
    "junk": (bytes_of(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.NOT_HTTP),
    "nothing": (bytes_of(b""), Reason.NO_CONNECTION),
    "an impossible status": (bytes_of(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"), Reason.NOT_HTTP),
    "a header that never ends": (then_endlessly(OK + b"X-A: ", b"a" * 65536), Reason.NOT_HTTP),
    "headers that never end": (then_endlessly(OK, b"X-A: " + b"a" * 100 + b"\r\n"), Reason.NOT_HTTP),
}


@pytest.mark.parametrize("answer", NO_ANSWERS)
async def test_what_is_no_answer_is_tried_again(answer: str) -> None:
    """And says in words what it was."""
    say, reason = NO_ANSWERS[answer]
    async with saying(say) as (url, _):
        outcome = await sent(url)

    assert (DeliveryState.PENDING, reason, None) == (outcome.state, outcome.reason, outcome.status)
    assert "Error" not in outcome.detail


async def test_an_address_that_cannot_be_reached_is_told_in_words() -> None:
    """And never repeated: it is a secret."""
    told = {url: await sent(url) for url in ("http://127.0.0.1:9/XSECRETX", "https://name.invalid/XSECRETX")}

    assert {DeliveryState.PENDING} == {outcome.state for outcome in told.values()}
    assert {Reason.NO_CONNECTION} == {outcome.reason for outcome in told.values()}
    assert "host name not found" == told["https://name.invalid/XSECRETX"].detail
    assert "XSECRETX" not in str(list(told.values()))


async def test_plain_http_where_tls_is_asked_for_is_told_as_such() -> None:
    """An address with the wrong scheme or port is a common mistake."""

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        outcome = await sent(f"https://{host}:{port}/")

    assert (DeliveryState.PENDING, Reason.TLS) == (outcome.state, outcome.reason)


async def test_what_is_kept_of_an_answer_is_one_line_of_text() -> None:
    """It is shown on terminals, where an escape sequence would act."""
    outcome = await answered(400, b"\x1b]0;pwned\x07\x1b[2J a \xc2\x9b31m \xe2\x80\xae\r\nFAKE LINE\0")

    assert "400 Phrase: \ufffd]0;pwned\ufffd\ufffd[2J a \ufffd31m  FAKE LINE\ufffd" == outcome.detail


class _Faulty:
    """Doors that fail as no library should."""

    def to(self, *_: object, **__: object) -> object:
        raise RuntimeError("XSECRETX")


async def test_a_fault_of_ours_is_an_outcome_that_is_tried_again() -> None:
    """Rather than an exception: that would repeat the request without end, and nobody would know."""
    channel = load({"one": {"type": "slack", "url": "https://example.com/"}})["one"]
    made, content = await exchange(
        channel, Guard(_Faulty(), lambda: NOW, str), MessageKind.ALERT, encode(an_alert()), NOW
    )
    unreadable, nothing = await exchange(channel, Guard(_Faulty(), lambda: NOW, str), MessageKind.ALERT, b"{}", NOW)

    assert (DeliveryState.PENDING, Reason.OUR_FAULT) == (made.state, made.reason)
    assert (DeliveryState.PENDING, Reason.OUR_FAULT) == (unreadable.state, unreadable.reason)
    assert isinstance(content, Alert)
    assert nothing is None
    assert "XSECRETX" not in made.detail


@pytest.mark.parametrize("luck", [0.0, 1.0])
def test_the_schedule_lasts_three_days_whatever_chance_does(luck: float) -> None:
    """A weekend's outage loses nothing."""

    class Chance(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return a + (b - a) * luck

    schedule, chance = RetrySchedule(), Chance()
    delays = [schedule.after(tries, None, chance) for tries in range(1, len(schedule.delays) + 1)]

    assert sum(filter(None, delays), timedelta(0)) >= timedelta(hours=72)
    assert schedule.after(len(schedule.delays) + 1, None, chance) is None
    assert timedelta(days=1) == schedule.after(1, timedelta(days=1), chance)
