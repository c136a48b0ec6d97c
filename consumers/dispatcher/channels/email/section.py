"""What is set for mail."""

import re
from typing import Annotated, Literal

import idna
from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from consumers.dispatcher.channels.section import WordedSection
from consumers.dispatcher.post import Security
from service.egress import literal

_SERVER = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]+)(?::(?P<port>\d{1,5}))?", re.ASCII)
_LOCAL = re.compile(r"[-\w!#$%&'*+/=?^`{|}~]+(?:\.[-\w!#$%&'*+/=?^`{|}~]+)*", re.ASCII)  # RFC 5321: Dot-string
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_LONGEST = 254  # characters of an address: RFC 5321, 4.5.3.1.3


def server_of(text: str) -> tuple[str, int | None]:
    """The host and port that *text* names; None: the usual port. Raises ValueError."""
    found = _SERVER.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else None
    if found is None or port == 0 or (port or 0) > 65535:
        raise ValueError("write the name of a mail server, as smtp.example.com or smtp.example.com:587")
    literal(found["host"])
    return found["host"].lower(), port


def address_of(text: str) -> str:
    """The mail address *text* in ASCII, as servers take it; raises ValueError."""
    local, at, domain = text.rpartition("@")
    try:
        named = idna.encode(domain, uts46=True).decode() if at else ""
    except UnicodeError:
        named = ""
    if not _LOCAL.fullmatch(local) or "." not in named or len(local) > 64 or len(local) + len(named) >= _LONGEST:
        raise ValueError("this is not a mail address; it must be as anna@example.com")
    return f"{local}@{named}"


def _server(value: str) -> str:
    server_of(value)
    return value


def _user(value: str | None) -> str | None:
    if value is not None and not (0 < len(value) <= _LONGEST and value.isprintable()):
        raise ValueError("a user name is one line of up to 254 characters")
    return value


def _password(value: SecretStr) -> SecretStr:
    if not value.get_secret_value() or not value.get_secret_value().isprintable():
        raise ValueError("a password is one line, and not empty")
    return value


class EmailSection(WordedSection):
    """The settings of a mail channel."""

    called = "an email channel"
    title = "Email"
    about = "To a mailbox, by a mail server of yours"
    place = "server"

    type: Literal["email"]
    server: Annotated[
        str,
        AfterValidator(_server),
        Field(
            title="Server",
            description="The mail server that sends for you, with a port where it is not the usual one.",
            examples=["smtp.example.com"],
        ),
    ]
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(
            title="Encryption",
            description="What the server offers: STARTTLS, usually at port 587, or TLS from the start, at port 465. "
            "None is for a server on this machine.",
        ),
    ] = "starttls"
    user: Annotated[
        str | None,
        AfterValidator(_user),
        Field(
            title="User name",
            description="What you sign in to the server with. Leave it empty where it asks for no login.",
            examples=["alerts@example.com"],
        ),
    ] = None
    password: Annotated[
        Annotated[SecretStr, AfterValidator(_password)] | None,
        Field(
            title="Password",
            description="The password of that user, or an app password that was made for this.",
            validate_default=True,
        ),
    ] = None
    sender: Annotated[
        str,
        AfterValidator(address_of),
        Field(
            title="Sender",
            description="The address that the mail comes from. The server must let you use it.",
            examples=["alerts@example.com"],
        ),
    ]
    to: Annotated[
        str,
        AfterValidator(address_of),
        Field(
            title="Recipient",
            description="One address. Make a channel for each person, or give a mailing list.",
            examples=["anna@example.com"],
        ),
    ]
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one mail to the next.",
            ge=0,
            le=60,
        ),
    ] = 1.0

    @field_validator("security")
    @classmethod
    def _in_the_clear_on_this_machine_alone(cls, value: str, info: ValidationInfo) -> str:
        server = info.data.get("server")
        if value == Security.NONE and server is not None and server_of(server)[0] not in _LOOPBACK:
            raise ValueError("this would send alerts in the clear; use starttls or tls (none is for this machine only)")
        return value

    @field_validator("password")
    @classmethod
    def _with_a_user(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        user = info.data.get("user")
        if user and value is None:
            raise ValueError("a user name needs a password")
        if value is not None and "user" in info.data and user is None:
            raise ValueError("a password needs a user name")
        return value
