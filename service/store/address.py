"""An address of PostgreSQL as libpq has it, and what to write instead of what is not supported."""

import getpass
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from service.model.errors import ConfigError

_NAME = re.compile(r"[a-z_]+", re.ASCII)
FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"

_PATIENCE = 10.0  # seconds for a connection to one host
_PORT = 5432
_FILES = ("passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl")
_TLS_VERSIONS = ("ssl_min_protocol_version", "ssl_max_protocol_version")
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslnegotiation", *_TLS_VERSIONS)
_SESSION = ("application_name", "options")
_PLACE = ("host", "port", "user", "password", "dbname", "passfile", "connect_timeout", "target_session_attrs")
_KNOWN = frozenset({*_TLS, *_SESSION, *_PLACE})
_CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
}
_KEPT_ALIVE = "leave it out: a connection that is silent for 15 seconds is looked at"
_INSTEAD: Mapping[str, str] = {  # what libpq has and the driver does not
    "channel_binding": "leave it out; sslmode=verify-full makes sure of the server by its certificate",
    "client_encoding": "leave it out: it is UTF-8",
    "fallback_application_name": "write application_name",
    "gssencmode": "leave it out; sslmode=require encrypts",
    "hostaddr": "write the address as the host",
    **dict.fromkeys(("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"), _KEPT_ALIVE),
    "load_balance_hosts": "leave it out: the hosts are tried in their order",
    "require_auth": "leave it out; sslmode=verify-full makes sure of the server",
    "service": "write into the address what the service file has",
    "ssl": "write sslmode=require, or sslmode=verify-full with sslrootcert=FILE",
    "sslcompression": "leave it out: nothing is compressed",
    "sslsni": "leave it out: the host's name is told",
    "tcp_user_timeout": _KEPT_ALIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is and how to talk to it."""

    hosts: tuple[tuple[str, int], ...]  # name, or folder of the socket; and port
    database: str
    user: str
    password: str | None = field(repr=False)  # None: the passfile has it, or none is needed
    passfile: str | None  # None: libpq's default
    tls: Mapping[str, str] = field(repr=False)  # as libpq has it
    sessions: str | None  # target_session_attrs; None: the default
    session: Mapping[str, str]  # settings of every session
    patience: float  # seconds for a connection to one host


def address_of(url: str) -> Address:
    """What *url* says; raises ConfigError, which shows nothing of what may be secret."""
    place, _, query = url.partition("://")[2].partition("?")
    authority, _, path = place.partition("/")
    login, _, hosts = authority.rpartition("@")
    user, _, password = login.partition(":")
    given = {"user": user, "password": password, "dbname": path}
    given = {name: unquote(value) for name, value in given.items() if value} | dict(_parameters(query))
    places = tuple(_hosts(hosts, given.get("host", ""), given.get("port", "")))
    if not places or not given.get("dbname"):
        raise _wrong(f"write {FORM}")
    _check(given)
    several = "read-write" if len(places) > 1 else None  # else a standby that comes first would be taken
    return Address(
        hosts=places,
        database=given["dbname"],
        user=given.get("user") or _user(),
        password=given.get("password"),
        passfile=given.get("passfile"),
        tls={name: given[name] for name in _TLS if name in given},
        sessions=given.get("target_session_attrs", several),
        session={name: given[name] for name in _SESSION if name in given},
        patience=_patience(given.get("connect_timeout", "0")),
    )


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if not equals or not _NAME.fullmatch(name):  # a password with a ? ends here, so it is not repeated
            raise _wrong("write NAME=VALUE&... after the ?; in a password write special characters as %3F")
        if name not in _KNOWN:
            raise _wrong(f"{name} is not supported; {_INSTEAD.get(name, 'known are ' + ', '.join(sorted(_KNOWN)))}")
        yield name, unquote(value)


def _hosts(authority: str, named: str, numbered: str) -> Iterator[tuple[str, int]]:
    """Name and port of each host; those of the query stand for all, as in libpq."""
    hosts = [_host(part) for part in authority.split(",")] if authority and not named else []
    hosts = hosts or [(part, "") for part in named.split(",") if part]
    ports = numbered.split(",") if numbered else []
    if len(ports) == 1:
        ports *= len(hosts)
    if ports and len(ports) != len(hosts):
        raise _wrong(f"there are {len(hosts)} hosts and {len(ports)} ports: write one port, or one for each host")
    for number, (name, own) in enumerate(hosts):
        yield name, _port(ports[number] if ports else own)


def _host(part: str) -> tuple[str, str]:
    """Host and port of ``host:port``, ``[IPv6]:port`` or a folder in percent signs."""
    end = part.find("]") + 1
    if part.startswith("[") and not end:
        raise _wrong(f"this is not a database address: a [ is not closed; write {FORM}")
    name, _, port = part[end:].partition(":")
    return unquote(part[:end].strip("[]") + name), port


def _port(text: str) -> int:
    if not text:
        return _PORT
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise _wrong(f"this is not a database address: a port is not a number from 1 to 65535; write {FORM}")
    return int(text)


def _check(given: Mapping[str, str]) -> None:
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            raise _wrong(f"{name} must be one of {', '.join(choices)}")
    for name in _FILES:
        if name in given and not (name == "sslrootcert" and given[name] == "system"):
            _readable(name, Path(given[name]))
    if given.get("sslrootcert") == "system" and given.get("sslmode", "verify-full") != "verify-full":
        raise _wrong("sslrootcert=system needs sslmode=verify-full: anybody can have a certificate of some authority")


def _readable(name: str, file: Path) -> None:
    try:
        with file.open("rb"):
            pass
        others = file.stat().st_mode & 0o077
    except OSError as error:
        raise _wrong(f"{name}={file} cannot be read: {error.strerror}") from error
    if others and name == "passfile":
        raise _wrong(f"passfile={file} can be read by others, so it is not used: chmod 600 {file}")


def _patience(text: str) -> float:
    if not text.isascii() or not text.isdigit():
        raise _wrong("connect_timeout is a number of seconds, such as 10")
    return float(text) or _PATIENCE


def _user() -> str:
    try:
        return os.environ.get("PGUSER") or getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        raise _wrong(f"the address names no user; write {FORM}") from None


def _wrong(words: str) -> ConfigError:
    return ConfigError(f"FILINGBELL_DATABASE: {words}")
