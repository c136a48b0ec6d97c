"""A mail is submitted to a server: RFC 6409, by STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314)."""

import ssl
from collections.abc import Callable
from socket import socket
from typing import TYPE_CHECKING

from msgspec import Struct

from consumers.dispatcher.post import Mail, Security
from service.model.delivery import Reason

if TYPE_CHECKING:  # a process without a mail channel does without it
    from aiosmtplib import SMTP


class Reply(Struct, frozen=True, kw_only=True):
    """The server's last reply, which settles what becomes of the mail."""

    command: str  # what it replies to
    code: int  # 250 to DATA: taken; 4yz: not now; 5yz: not so
    words: str


class Unfit(Exception):  # no error of ours
    """The server does not offer what is needed, or speaks something else: nothing was sent."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


async def submit(mail: Mail, connection: socket, tls: Callable[[], ssl.SSLContext]) -> Reply:
    """Submit *mail* by *connection*, which is encrypted by *tls*; it is closed whatever happens.

    Raises Unfit, and OSError: what breaks off before the last reply may have been taken. The caller bounds the time,
    the library what is read.
    """
    from aiosmtplib import SMTP, SMTPConnectError, SMTPResponseException, SMTPServerDisconnected  # noqa: PLC0415

    client = SMTP(
        hostname=mail.host,
        sock=connection,
        local_hostname=mail.sender.rpartition("@")[2],
        use_tls=mail.security is Security.TLS,
        start_tls=False,  # it is begun below
        tls_context=None if mail.security is Security.NONE else tls(),
        timeout=None,
    )
    said = _Said()
    try:
        return await _submit(mail, client, said)
    except SMTPResponseException as error:
        if not 400 <= error.code < 600:
            raise Unfit(Reason.NOT_SMTP, f"the reply to {said.command} is not SMTP's") from None
        return Reply(command=said.command, code=error.code, words=error.message)
    except SMTPServerDisconnected:
        raise ConnectionResetError from None
    except SMTPConnectError as error:
        raise (error.__cause__ if isinstance(error.__cause__, OSError) else ConnectionResetError()) from None
    finally:
        client.close()
        if not said.greeted:  # until then the connection is nobody else's to close
            connection.close()


class _Said:
    """How far the exchange has come."""

    command = "the connection"
    greeted = False


async def _submit(mail: Mail, client: "SMTP", said: _Said) -> Reply:
    await client.connect()
    said.greeted, said.command = True, "EHLO"
    await client.ehlo()
    if mail.security is Security.STARTTLS:
        said.command = "STARTTLS"
        if not client.supports_extension("starttls"):
            raise Unfit(Reason.TLS, "the server offers no STARTTLS, and nothing is sent in the clear")
        await client.starttls()
    if mail.login is not None:
        said.command = "AUTH"
        await client.ehlo()
        if not client.supported_auth_methods:
            raise Unfit(Reason.CLIENT_ERROR, "the server offers no login; take user and password away")
        await client.login(*mail.login)
    said.command = "MAIL"
    await client.mail(mail.sender)
    said.command = "RCPT"
    await client.rcpt(mail.recipient)
    said.command = "DATA"
    code, words = await client.data(mail.body)
    if client.protocol is not None:
        client.protocol.write(b"QUIT\r\n")  # what comes of that changes nothing
    return Reply(command=said.command, code=code, words=words)
