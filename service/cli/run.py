"""``run``: the service, until it is stopped."""

import asyncio
from datetime import date
from pathlib import Path

from service import settings as environment
from service import telemetry
from service.cli.calendar import refuse_unknown
from service.locks import only_one
from service.model.errors import ConfigError
from service.runtime.hiding import Hiding
from service.runtime.lifecycle import until_stopped
from service.runtime.wiring import FILE
from service.settings import ROLES, WEB
from service.words import nearest

_NO_ADDRESS = "the role web needs an address to be asked at, and FILINGBELL_HTTP is off: unset it, or set host:port"
_NOT_SERVED = (
    "the role web would send tokens over a network in the clear: set FILINGBELL_HTTP=127.0.0.1:9464; or put "
    "a proxy with TLS in front, which alone can reach the port, and set FILINGBELL_HTTP_TRUSTED=https://its.name"
)


def run(roles: tuple[str, ...], config: Path | None, since: date | None) -> None:
    """Run *roles* (empty: all) with the rules in *config*."""
    known = (*ROLES, WEB)
    for role in roles:
        if role not in known:
            close = nearest(role, known)
            meant = f"; did you mean {close!r}?" if close else f"; known are {', '.join(known)}"
            raise ConfigError(f"there is no role {role!r}{meant}")
        if roles.count(role) > 1:
            raise ConfigError(f"{role} is named twice")
    if since is not None:
        refuse_unknown(since, f"--since {since}")
    settings = environment.load()
    chosen = roles or (*settings.roles, *((WEB,) if settings.serves else ()))
    if "relay" in chosen and not settings.kafka:
        raise ConfigError("there is nothing to relay to: set FILINGBELL_KAFKA=host:9092, or leave the relay out")
    if WEB in chosen and not settings.serves:
        raise ConfigError(_NOT_SERVED if settings.listens else _NO_ADDRESS)
    hiding = Hiding(settings)
    telemetry.configure_logs(settings.log_level, scrub=hiding)
    if "poller" in chosen:
        settings.contact()  # before anything else: without it nothing will come
    alone = tuple(role for role in chosen if role != WEB)
    with only_one(settings, alone) as locks:
        assert locks is not None
        asyncio.run(until_stopped(settings, _file(config), chosen, since, locks=locks, hiding=hiding, served=_tell))


def _tell(address: str, first: str | None) -> None:
    """Say where a browser finds the service, and where nobody has an account, the link that makes the first."""
    print(f"filingbell is at {address}", flush=True)
    if first is not None:
        print(f"Make the first account: {first} (works once, for a day)", flush=True)


def _file(given: Path | None) -> Path | None:
    """The configuration file to apply; None: there is none, and rules and channels are those of the database."""
    if given is None:
        return Path(FILE) if Path(FILE).exists() else None
    if not given.exists():
        raise ConfigError(f"there is no configuration file {given}: filingbell init writes one")
    return given
