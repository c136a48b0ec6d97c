"""A mail server that keeps what it takes, and refuses what the test wants refused."""

import asyncio
import ssl
import warnings
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "alerts@example.com", "canary-PASSWORD-0123"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A mail that was taken."""

    sender: str
    recipients: list[str]
    data: bytes
    user: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return message_from_bytes(self.data, policy=default)


@dataclass(kw_only=True)
class Mailbox:
    """A server on this machine.

    With *certificate* (and its key) it offers STARTTLS, or TLS from the first byte where it is *implicit*. With *login*
    it asks for USER's. *replies* are what it says to MAIL, RCPT and DATA instead of taking it.
    """

    certificate: tuple[Path, Path] | None = None
    implicit: bool = False
    login: bool = False
    replies: dict[str, str] = field(default_factory=dict)
    most: int = 1_000_000  # bytes of a mail
    host: str = "127.0.0.1"
    taken: list[Taken] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        context = None
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: self._protocol(context), self.host, self.port, ssl=context if self.implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _protocol(self, context: ssl.SSLContext | None) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a login in the clear is unwise: the test wants it
            return self._made(context)

    def _made(self, context: ssl.SSLContext | None) -> SMTP:
        return SMTP(
            self,
            data_size_limit=self.most,
            tls_context=None if self.implicit else context,
            require_starttls=context is not None and not self.implicit,
            authenticator=self._authenticate,
            auth_required=self.login,
            auth_require_tls=False,
            auth_exclude_mechanism=() if self.login else ("LOGIN", "PLAIN"),
            hostname="mail.example",
        )

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _name: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (USER, PASSWORD) == (data.login.decode(), data.password.decode())
        return AuthResult(success=right, handled=False, auth_data=USER if right else None)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a sender."""
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        envelope.mail_options += options
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a mail; LOST: take it, and say nothing of it."""
        reply = self.replies.get("DATA", "250 2.0.0 taken as 7")
        if reply.startswith(("2", "LOST")):
            self.taken.append(
                Taken(
                    sender=envelope.mail_from or "",
                    recipients=list(envelope.rcpt_tos),
                    data=cast(bytes, envelope.original_content),
                    user=session.auth_data,
                    encrypted=session.ssl is not None or self.implicit,
                )
            )
        if reply == "LOST":
            cast(asyncio.Transport, server.transport).abort()
        return reply
