"""A session with PostgreSQL: at the first host of an address that takes one."""

import ssl
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import asyncpg

from service.model.errors import ConfigError
from service.store.address import Address


async def connected(
    address: Address, *, settings: Mapping[str, str], patience: float, command_timeout: float
) -> asyncpg.Connection:
    """A connection whose session has *settings* too, within *patience* a host.

    Raises OSError if no host takes it, and what a host answers that takes nobody, such as that a password is wrong.
    """
    found = []
    for host, port in address.hosts:
        try:
            connection: asyncpg.Connection = await asyncpg.connect(
                dsn=_dsn(address.tls),
                host=host,
                port=port,
                user=address.user,
                password=address.password,
                passfile=address.passfile,
                database=address.database,
                ssl=_context(address.tls),
                target_session_attrs=address.sessions,
                server_settings={**address.session, **settings},
                timeout=patience,
                command_timeout=command_timeout,
            )
        except asyncpg.TargetServerAttributeNotMatched:
            found.append(f"{host}:{port} is not {address.sessions}")
        except asyncpg.ClientConfigurationError as error:
            raise ConfigError(f"FILINGBELL_DATABASE: {error.args[0]}; sslrootcert=FILE names another") from error
        except (OSError, asyncpg.CannotConnectNowError) as error:
            found.append(f"{host}:{port}: {error or 'no answer in time'}")
        else:
            return connection
    raise ConnectionError("; ".join(found))


def _dsn(tls: Mapping[str, str]) -> str:
    """The driver takes files of TLS in an address alone."""
    return f"postgresql://?{urlencode(tls, quote_via=quote)}" if tls and not _of_the_system(tls) else "postgresql://"


def _context(tls: Mapping[str, str]) -> ssl.SSLContext | None:
    """TLS with a server that some authority of this system vouches for; None: the driver knows the rest."""
    if not _of_the_system(tls):
        return None
    context = ssl.create_default_context()
    if "sslcert" in tls:
        context.load_cert_chain(tls["sslcert"], tls.get("sslkey"), tls.get("sslpassword"))
    return context


def _of_the_system(tls: Mapping[str, str]) -> bool:
    return tls.get("sslrootcert") == "system"
