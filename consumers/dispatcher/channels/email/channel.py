"""Mail: what is submitted to the server, and what its replies mean."""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from consumers.dispatcher.channels.email.message import mail
from consumers.dispatcher.channels.email.section import EmailSection, server_of
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.outcome import Outcome, judged, outcome
from consumers.dispatcher.post import Answer, Mail, NoAnswer, Security
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}

# RFC 5321, 4.2.2 and 4.2.3, and RFC 7504: what a server replies to RCPT of a mailbox that there is not. The same code
# is used for what somebody can allow, which an enhanced code (RFC 3463) tells: X.7 is policy, X.2.2 a full mailbox.
_RECIPIENT = "RCPT"
_FINAL = frozenset({550, 551, 553, 556})
_ALLOWABLE = re.compile(r"5\.(?!1\.|2\.1\b)\d+\.\d+\b")
_WORDS = 200  # characters of a success
_FORM = re.compile(r"5\.(?:3\.4|6\.\d+)\b")  # too large, or its content
_TOO_LARGE = 552
_SLOW = re.compile(r"4\.7\.28\b|\bthrottl|\brate limit|\btoo (?:many|quickly|fast)\b", re.IGNORECASE)


class Email(Timed):
    """Submits the alert as a mail with a text and a page."""

    def __init__(self, section: EmailSection, leave: str | None = None) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self._section = section
        self._security = Security(section.security)
        self._host, port = server_of(section.server)
        self._port = port or _PORTS[self._security]
        password = section.password.get_secret_value() if section.password else ""
        self._login = (section.user, password) if section.user else None
        self.recipient = section.to
        self._sender = section.sender
        self._leave = leave

    @property
    def url(self) -> str:
        """The server's address, which is no secret."""
        return f"smtp://{self._host}:{self._port}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, also as it is said to the server."""
        if self._login is None:
            return ()
        user, password = self._login
        said = (password, f"\0{user}\0{password}")  # RFC 4616
        return (password, *(base64.b64encode(one.encode()).decode() for one in said))

    def left_at(self, address: str) -> Self:
        """The same, whose mails are stopped at *address*: by mail programs, and by whoever follows the link in them."""
        return type(self)(self._section, address)

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Mail:
        """The content as text and as a page."""
        return self._mail([content], now)

    def together(self, alerts: Sequence[Alert], now: datetime) -> Mail:
        """One mail on the filing, which says why for each rule."""
        return self._mail(alerts, now)

    def simply(self, contents: Sequence[Alert | Notice], now: datetime) -> Mail:
        """The text alone."""
        return self._mail(contents, now, plain=True)

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By the server's reply: 2yz is received, and final is only that there is no such mailbox."""
        if isinstance(answer, NoAnswer):
            return judged(answer)
        if 200 <= answer.status < 300:  # by these words its server's log can be searched
            return replace(judged(answer), detail=f"{answer.status} {answer.text[:_WORDS]}".strip())
        if answer.status < 500:
            slow = _SLOW.search(answer.text) is not None
            return outcome(answer, DeliveryState.PENDING, Reason.RATE_LIMITED if slow else Reason.SERVER_ERROR)
        if answer.phrase == _RECIPIENT and answer.status in _FINAL and not _ALLOWABLE.match(answer.text):
            return outcome(answer, DeliveryState.DEAD, Reason.REFUSED)
        if _FORM.match(answer.text) or (answer.status == _TOO_LARGE and answer.phrase != _RECIPIENT):
            return outcome(answer, DeliveryState.PENDING, Reason.INVALID_MESSAGE)
        return outcome(answer, DeliveryState.PENDING, Reason.CLIENT_ERROR)

    def _mail(self, contents: Sequence[Alert | Notice], now: datetime, *, plain: bool = False) -> Mail:
        return Mail(
            host=self._host.strip("[]"),
            port=self._port,
            security=self._security,
            login=self._login,
            sender=self._sender,
            recipient=self.recipient,
            body=mail(
                contents,
                self._sender,
                self.recipient,
                now,
                leave=self._leave,
                template=self._section.template,
                plain=plain,
            ),
        )
