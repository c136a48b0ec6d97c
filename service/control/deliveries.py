"""What people can do about deliveries: look at them, send them again, say that they have seen to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from service.model.errors import ConfigError
from service.model.filing import Accession, accession_of
from service.store import Database, channels, ledger
from service.store.deliveries import State
from service.store.ledger import Chosen, Delivery, Resent, Try

_EVERY = 100_000  # deliveries of a filing or an alert: more than there are channels and rules


class Way(Struct, frozen=True, kw_only=True):
    """A delivery, and every request of it that is kept."""

    delivery: Delivery
    tries: tuple[Try, ...]


async def chosen(
    database: Database,
    names: Iterable[str] = (),
    *,
    channel: str | None = None,
    since: datetime | None = None,
    states: Sequence[State] = (),
) -> Chosen:
    """The deliveries that *names* and the rest mean; a name is an id, or a filing's accession number in any spelling.

    Raises ConfigError where nothing of that name or channel was ever owed.
    """
    accessions: list[Accession] = []
    ids: list[str] = []
    for name in names:
        try:
            accession = accession_of(name)
        except ValueError:
            ids.append(name)
            meant = Chosen(ids=(name,))
        else:
            accessions.append(accession)
            meant = Chosen(accessions=(accession,))
        if not await ledger.listed(database, meant, 1):
            raise ConfigError(f"nothing was sent, or is to be sent, of {name!r}: filingbell deliveries list --all")
    if channel is not None and channel not in (known := await ledger.channels(database)):
        raise ConfigError(f"no channel {channel!r} was ever owed an alert; known are: {', '.join(known) or 'none'}")
    return Chosen(states=tuple(states), channel=channel, since=since, accessions=tuple(accessions), ids=tuple(ids))


async def listed(database: Database, meant: Chosen, limit: int) -> list[Delivery]:
    """The latest *limit* of those *meant*, oldest first."""
    return await ledger.listed(database, meant, limit)


async def ways(database: Database, meant: Chosen) -> list[Way]:
    """Those *meant*, each with all its tries."""
    return [
        Way(delivery=one, tries=tuple(await ledger.tries(database, one)))
        for one in await ledger.listed(database, meant, _EVERY)
    ]


async def resend(database: Database, meant: Chosen, *, delivered: bool) -> Resent:
    """Send the dead ones of those *meant* again, and with *delivered* those that arrived as well.

    They keep their ids, so that a webhook's receiver can tell a repetition. A service that runs sends them in their
    order, at its channels' pace; one that does not sends them at its next start.
    """
    states = (State.DEAD, State.DELIVERED) if delivered else (State.DEAD,)
    async with database.transaction() as tx:
        return await ledger.resend(tx, replace(meant, states=states))


async def acknowledge(database: Database, meant: Chosen, now: datetime) -> dict[str, int]:
    """Let the dead ones of those *meant* count no more: somebody has seen to them; how many, by channel."""
    async with database.transaction() as tx:
        return await ledger.acknowledge(tx, meant, now)


async def flush(database: Database, channel: str) -> int:
    """Try now what waits for *channel*, oldest first and at its pace; returns how much that is.

    Raises ConfigError where nothing was ever owed to it.
    """
    await chosen(database, channel=channel)
    async with database.transaction() as tx:
        return await channels.flush(tx, channel)


async def move(database: Database, source: str, target: str, now: datetime) -> int:
    """Owe what waits for the channel *source* to *target* instead, under the same ids; returns how much that is.

    Raises ConfigError where nothing was ever owed to *source*.
    """
    if source == target:
        raise ConfigError(f"{source} and {target} are the same channel")
    await chosen(database, channel=source)
    async with database.transaction() as tx:
        return await channels.move(tx, source, target, now)
