"""Mail, as the suite over every kind of channel must know it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import Any

from consumers.dispatcher.post import Mail, Parcel
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import WORDS, WRONG_WORDS, Kind, answered
from tests.kit.slack import assert_text

_PASSWORD = "canary-PASSWORD-0123"
_TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "table", "tr", "th"}
_TAGS |= {"td", "a", "br"}


class _Page(HTMLParser):
    """Checks that a page is ours: our tags and attributes, and what was filed as text."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS
        assert {name for name, _ in attrs} <= {"lang", "charset", "name", "content", "class", "href"}
        assert all((value or "").startswith("https://") for name, value in attrs if name == "href")

    def handle_data(self, data: str) -> None:
        assert_text(data.replace("\r\n", "\n"))
        self.text += data


def _taken(mail: Any) -> None:
    assert isinstance(mail, Mail)
    assert len(mail.body) <= 300_000
    assert mail.body.isascii()
    assert all(len(line) <= 998 for line in mail.body.split(b"\r\n"))
    assert b"\n" not in mail.body.replace(b"\r\n", b"")
    message = message_from_bytes(mail.body, policy=default)
    assert [] == list(message.defects)
    once = ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "MIME-Version", "Content-Type")
    assert all(len(message.get_all(name, [])) == 1 for name in once)
    known = {
        *once,
        "References",
        "In-Reply-To",
        "X-Auto-Response-Suppress",
        "Content-Transfer-Encoding",
        "Importance",
        "X-Priority",
    }
    assert set(message.keys()) <= known
    assert "anna@xn--mnchen-3ya.example" == str(message["To"])
    assert 1 <= len(str(message["Subject"])) <= 250
    assert_text(str(message["Subject"]))
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert_text(text.get_content().replace("\r\n", "\n"))
    if page is not None:
        content = page.get_content()
        assert len(content.encode()) <= 100_000  # of more Gmail shows a part
        reader = _Page()
        reader.feed(content)
        reader.close()


def _named(mail: Parcel) -> str | None:
    assert isinstance(mail, Mail)
    named: str | None = message_from_bytes(mail.body, policy=default)["Message-ID"]
    return named


@asynccontextmanager
async def _echoing(kind: Kind) -> AsyncIterator[Mapping[str, Any]]:
    """A server that repeats the login, and all that is secret."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            if line.startswith(b"EHLO"):
                writer.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
            else:
                writer.write(b"500 " + line.strip() + f" {' '.join(kind.secret)}\r\n".encode())
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        login = {"user": "alerts@example.com", "password": _PASSWORD}
        yield {"server": f"127.0.0.1:{port}", "security": "none", **login}


EMAIL = Kind(
    section={
        "type": "email",
        "server": "smtp.example.com",
        "sender": "alerts@example.com",
        "to": "anna@münchen.example",
    },
    more={"user": "alerts@example.com", "password": _PASSWORD, "security": "tls", "pace_seconds": 0.5, **WORDS},
    wrong={
        "type": "mail",
        "server": "smtp.example.com:0",
        "security": "none",
        "user": "",
        "password": "",
        "sender": "alerts",
        "to": "anna@example.com, bob@example.com",
        "pace_seconds": -1,
        "quiet": 7,
        **WRONG_WORDS,
    },
    secret=(_PASSWORD,),
    final={
        "550": answered(550, "5.1.1 no such user", "RCPT"),
        "551": answered(551, "user not local", "RCPT"),
        "553": answered(553, "mailbox name not allowed", "RCPT"),
        "556": answered(556, "5.1.10 the domain takes no mail", "RCPT"),
    },
    words=(
        (answered(250, "2.0.0 queued as 7", "DATA"), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(550, "5.2.1 mailbox disabled", "RCPT"), DeliveryState.DEAD, Reason.REFUSED),
        (answered(550, "5.7.1 relaying denied", "RCPT"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(550, "5.7.509 DMARC", "DATA"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(552, "5.2.2 mailbox full", "RCPT"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(550, "no such user", "MAIL"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(554, "no service", "greeting"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(535, "5.7.8 wrong password", "AUTH"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
        (answered(552, "5.3.4 too large", "MAIL"), DeliveryState.PENDING, Reason.INVALID_MESSAGE),
        (answered(451, "4.7.1 greylisted", "RCPT"), DeliveryState.PENDING, Reason.SERVER_ERROR),
        (answered(421, "4.7.28 unusual rate", "DATA"), DeliveryState.PENDING, Reason.RATE_LIMITED),
        (
            answered(454, "Throttling failure: Maximum sending rate exceeded.", "DATA"),
            DeliveryState.PENDING,
            Reason.RATE_LIMITED,
        ),
    ),
    taken=_taken,
    posts_to="smtp://smtp.example.com:587",
    whole=False,
    named=_named,
    echoing=_echoing,
    waits=answered(421, "4.7.28 unusual rate", "DATA"),
)
