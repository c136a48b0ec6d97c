"""Mail by a real server: what it gets, what it refuses, and what is never said in the clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.dispatcher import guard as guards
from consumers.dispatcher.channels import Channel, load
from consumers.dispatcher.door import doors
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.outcome import Outcome
from service.model.alert import Alert
from service.model.amendment import Amends, Effect, Found
from service.model.delivery import DeliveryState, Reason
from service.model.errors import ConfigError
from service.model.filing import Accession
from service.model.message import MessageKind
from service.model.rule import Priority
from service.wire import encode
from tests.kit import certificates
from tests.kit.documents import ACCESSION, a_row, an_alert
from tests.kit.filings import now
from tests.kit.mailbox import PASSWORD, USER, Mailbox
from tests.kit.slack import HOSTILE

LOGIN = {"user": USER, "password": PASSWORD}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One for 127.0.0.1."""
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The same, which this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return certificate


def a_channel(port: int, **settings: Any) -> Channel:
    """One whose server is on this machine."""
    section = {"type": "email", "server": f"127.0.0.1:{port}", "sender": "alerts@example.com", "to": "anna@example.com"}
    return load({"desk": section | settings})["desk"]


async def sent(channel: Channel, alert: Alert | None = None) -> Outcome:
    """What comes of one try."""
    async with doors() as opened:
        guard = Guard(opened, now, str)
        value = encode(alert or an_alert(a_row()))
        outcome, _ = await exchange(channel, guard, MessageKind.ALERT, value, now(), trusted=True)
    return outcome


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_arrives_encrypted_by_whoever_signs_in(security: str, trusted: tuple[Path, Path]) -> None:
    """With a text and a page, to one recipient."""
    async with Mailbox(certificate=trusted, implicit=security == "tls", login=True) as box:
        outcome = await sent(a_channel(box.port, security=security, **LOGIN))

    (taken,) = box.taken
    assert (DeliveryState.DELIVERED, 250, "250 2.0.0 taken as 7") == (outcome.state, outcome.status, outcome.detail)
    assert (True, USER, "alerts@example.com") == (taken.encrypted, taken.user, taken.sender)
    assert ["anna@example.com"] == taken.recipients
    assert ["text/plain", "text/html"] == [part.get_content_type() for part in taken.message.iter_parts()]
    assert "filingbell <alerts@example.com>" == taken.message["From"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    security: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither login nor mail is said to whoever it is."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with Mailbox(certificate=certificate, implicit=security == "tls") as box:
        outcome = await sent(a_channel(box.port, security=security, **LOGIN))

    assert (DeliveryState.PENDING, Reason.TLS, []) == (outcome.state, outcome.reason, box.taken)


async def test_a_certificate_for_another_name_is_refused(trusted: tuple[Path, Path]) -> None:
    """It is for 127.0.0.1, and this is another address of the machine."""
    async with Mailbox(certificate=trusted, host="127.0.0.2") as box:
        outcome = await sent(a_channel(0, server=f"127.0.0.2:{box.port}"))

    assert (Reason.TLS, []) == (outcome.reason, box.taken)


async def test_nothing_is_said_in_the_clear_where_the_server_offers_no_encryption() -> None:
    """As when somebody in between takes the offer away."""
    async with Mailbox() as box:
        outcome = await sent(a_channel(box.port, **LOGIN))

    assert (DeliveryState.PENDING, Reason.TLS, []) == (outcome.state, outcome.reason, box.taken)
    assert "the server offers no STARTTLS, and nothing is sent in the clear" == outcome.detail


def test_in_the_clear_is_for_this_machine_alone() -> None:
    """A server elsewhere is refused as the channel is made."""
    a_channel(25, security="none")
    with pytest.raises(ConfigError) as refused:
        a_channel(25, server="mail.example.com", security="none")
    assert ["security"] == [fault.path[2] for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("replies", "state", "reason", "detail"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, DeliveryState.DEAD, Reason.REFUSED, "550 RCPT: 5.1.1 no such user"),
        (
            {"RCPT": "550 5.7.1 relaying denied"},
            DeliveryState.PENDING,
            Reason.CLIENT_ERROR,
            "550 RCPT: 5.7.1 relaying denied",
        ),
        ({"RCPT": "451 4.7.1 later"}, DeliveryState.PENDING, Reason.SERVER_ERROR, "451 RCPT: 4.7.1 later"),
        ({"MAIL": "553 not yours"}, DeliveryState.PENDING, Reason.CLIENT_ERROR, "553 MAIL: not yours"),
        ({"DATA": "554 5.7.1 spam"}, DeliveryState.PENDING, Reason.CLIENT_ERROR, "554 DATA: 5.7.1 spam"),
        ({"DATA": "452 4.3.1 full"}, DeliveryState.PENDING, Reason.SERVER_ERROR, "452 DATA: 4.3.1 full"),
        ({"DATA": "299 well"}, DeliveryState.PENDING, Reason.NOT_SMTP, "the reply to DATA is not SMTP's"),
    ],
)
async def test_a_refusal_is_final_only_where_there_is_no_such_mailbox(
    replies: dict[str, str], state: DeliveryState, reason: Reason, detail: str
) -> None:
    """All else somebody can mend, or passes by itself."""
    async with Mailbox(replies=replies) as box:
        outcome = await sent(a_channel(box.port, security="none"))

    assert (state, reason, detail) == (outcome.state, outcome.reason, outcome.detail)


async def test_a_wrong_password_is_told_and_tried_again() -> None:
    """It can be set right within three days."""
    async with Mailbox(login=True) as box:
        outcome = await sent(a_channel(box.port, security="none", user=USER, password="wrong-PASSWORD"))
        unasked = await sent(a_channel(box.port, security="none"))
    async with Mailbox() as open_to_all:
        needless = await sent(a_channel(open_to_all.port, security="none", **LOGIN))

    assert (DeliveryState.PENDING, Reason.CLIENT_ERROR, 535) == (outcome.state, outcome.reason, outcome.status)
    assert (DeliveryState.PENDING, 530) == (unasked.state, unasked.status)
    assert "the server offers no login; take user and password away" == needless.detail


async def test_a_mail_that_may_have_been_taken_comes_again_as_the_same_mail() -> None:
    """The connection breaks off before the last reply: the server has it, and nobody here knows."""
    alert = an_alert(a_row())
    async with Mailbox(replies={"DATA": "LOST"}) as box:
        first = await sent(a_channel(box.port, security="none"), alert)
        box.replies.clear()
        second = await sent(a_channel(box.port, security="none"), alert)

    assert (DeliveryState.PENDING, Reason.NO_CONNECTION) == (first.state, first.reason)
    assert (DeliveryState.DELIVERED, 2) == (second.state, len(box.taken))
    assert [f"<{alert.id}@example.com>"] * 2 == [one.message["Message-ID"] for one in box.taken]
    assert box.taken[0].data == box.taken[1].data


async def test_a_mail_that_is_too_large_for_the_server_comes_as_text_alone() -> None:
    """Its page is the greater part."""
    alert = an_alert(*[a_row()] * 40, remarks="x" * 3000)
    async with Mailbox(most=15_000) as box:
        channel = a_channel(box.port, security="none")
        async with doors() as opened:
            guard = Guard(opened, now, str)
            tries = [
                await exchange(channel, guard, MessageKind.ALERT, encode(alert), now(), simply=simply, trusted=True)
                for simply in (False, True)
            ]

    assert [Reason.INVALID_MESSAGE, Reason.RECEIVED] == [outcome.reason for outcome, _ in tries]
    assert ["text/plain"] == [one.message.get_content_type() for one in box.taken]


async def test_what_was_filed_is_in_no_header_but_as_words_of_the_subject() -> None:
    """Whatever names and titles say."""
    hostile = f"A{HOSTILE}\r\nBcc: eve@evil.example\r\n\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n"
    alert = an_alert(a_row(), remarks=hostile)
    alert = replace(alert, headline=hostile, issuer=replace(alert.issuer, issuer_name=hostile), description=hostile)
    async with Mailbox() as box:
        await sent(a_channel(box.port, security="none"), alert)

    (taken,) = box.taken
    assert ["anna@example.com"] == taken.recipients
    assert taken.message["Bcc"] is None
    assert "Bcc: eve@evil.example" in taken.message["Subject"]
    assert [] == list(taken.message.defects)


async def test_mails_on_one_filing_are_one_thread_and_urgent_ones_say_so() -> None:
    """For mail programs; filters find `List-Id`, and nobody's absence is told to us."""
    alert = replace(an_alert(a_row()), priority=Priority.URGENT)
    async with Mailbox() as box:
        await sent(a_channel(box.port, security="none"), alert)

    (taken,) = box.taken
    told = [taken.message[name] for name in ("References", "List-Id", "Auto-Submitted", "Importance")]
    assert [
        f"<{ACCESSION}@example.com>",
        "filingbell <alerts.filingbell.example.com>",
        "auto-generated",
        "high",
    ] == told


async def test_an_amendment_stands_below_what_it_amends() -> None:
    """By the id of the mail that it follows, whether or not that arrived."""
    original, between = Accession("0009990900-25-000009"), Accession("0009990900-25-000010")
    amends = Amends(
        accession=between, filed=None, found=Found.DAY, effect=Effect.ADDS, reason="it says so", original=original
    )
    first = an_alert(a_row())
    second = replace(first, id="2", follows=first.id, amends=amends)
    third = replace(first, id="3", amends=replace(amends, original=None))
    async with Mailbox() as box:
        for alert in (second, third):
            await sent(a_channel(box.port, security="none"), alert)

    told = [(one.message["References"], one.message["In-Reply-To"]) for one in box.taken]
    follows = f"<{first.id}@example.com>"
    assert (f"<{original}@example.com> {follows}", follows) == told[0]
    assert (f"<{between}@example.com>", None) == told[1]


async def test_names_in_other_scripts_are_sent_in_ascii() -> None:
    """As every server takes them."""
    async with Mailbox() as box:
        await sent(a_channel(box.port, security="none", to="anna@bücher.example"))

    assert ["anna@xn--bcher-kva.example"] == box.taken[0].recipients


@pytest.mark.parametrize(
    "wrong", ["anna", "anna@", "@example.com", "anna@example", "a b@example.com", "änna@example.com"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigError) as refused:
        a_channel(25, to=wrong)
    assert ["this is not a mail address; it must be as anna@example.com"] == [
        one.message for one in refused.value.faults
    ]


Say = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def saying(say: Say) -> AsyncIterator[Channel]:
    """A channel whose server does *say* with each connection."""
    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(ConnectionError):
            await say(reader, writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield a_channel(server.sockets[0].getsockname()[1], security="none")
        for task in serving:
            task.cancel()


async def _without_end(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220-" + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def _http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def _nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return


async def _silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (_without_end, Reason.NOT_SMTP),
        (_http, Reason.NOT_SMTP),
        (_nothing, Reason.NO_CONNECTION),
        (_silence, Reason.TIMEOUT),
    ],
)
async def test_whatever_answers_is_an_outcome(say: Say, reason: Reason, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounded in time and memory."""
    monkeypatch.setattr(guards, "_TOTAL", 0.3 if reason is Reason.TIMEOUT else 15)
    async with saying(say) as channel:
        outcome = await sent(channel)

    assert (DeliveryState.PENDING, reason) == (outcome.state, outcome.reason)


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """Neither port nor name."""
    async with Mailbox() as box:
        port = box.port
    closed = await sent(a_channel(port, security="none"))

    assert (DeliveryState.PENDING, "connection refused: nothing listens at that address") == (
        closed.state,
        closed.detail,
    )


def test_certificates_are_checked_by_what_the_machine_trusts(trusted: tuple[Path, Path]) -> None:
    """The tests above can fail: this is what they set."""
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
    assert trusted[0].exists()
