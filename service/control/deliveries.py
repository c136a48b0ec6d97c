"""What people can do about deliveries: look at them, send them again, say that they have seen to them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.channels import CHANNELS
from service.control.audit import AskedBy, Changed, note
from service.control.resources import find
from service.model.audit import ChangeSubject
from service.model.delivery import DeliveryState
from service.model.errors import ConfigError, Fault, Faulty, Forbidden, NotFound
from service.model.filing import Accession, accession_of
from service.model.identity import Prefix, SilenceId, WorkspaceId, number_of
from service.model.resource import Action, Resource, ResourceKind
from service.store import Database, Transaction, channel_names, channels, ledger, rerouting, resending, resources
from service.store.ledger import Chosen, Delivery, Place, Try
from service.store.resending import ResendingPace, Resent

_Tell: TypeAlias = Callable[..., Awaitable[None]]

_APART = timedelta(seconds=0.1)  # where a channel has no pace
_EVERY = 100_000  # deliveries of a filing or an alert: more than there are channels and rules


class DeliveryWay(Struct, frozen=True, kw_only=True):
    """A delivery, and every request of it that is kept."""

    delivery: Delivery
    tries: tuple[Try, ...]


async def chosen(
    database: Database,
    workspace: WorkspaceId,
    names: Iterable[str] = (),
    *,
    channel: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    states: Sequence[DeliveryState] = (),
) -> Chosen:
    """The deliveries that *names* and the rest mean; a name is an id, or a filing's accession number in any spelling.

    The id of a silence stands for what it keeps, or kept, from being told.

    Raises ConfigError where nothing of that name or channel was ever owed to this *workspace*, and Faulty where no time
    lies from *since* to *until*.
    """
    if since is not None and until is not None and since >= until:
        raise Faulty("the time is empty:", (Fault(("since",), "it must be before until"),))
    if channel is None:
        of = tuple(await channel_names.of_workspace(database, workspace))
    else:
        of = tuple(await _owed(database, workspace, channel))
    accessions: list[Accession] = []
    ids: list[str] = []
    silenced: list[str] = []
    for name in names:
        known = number_of(name)
        if known is not None and known[0] is Prefix.SILENCE:
            silenced.append(name)
            meant = Chosen(channels=of, silences=(name,))
        elif (accession := _accession(name)) is not None:
            accessions.append(accession)
            meant = Chosen(channels=of, accessions=(accession,))
        else:
            ids.append(name)
            meant = Chosen(channels=of, ids=(name,))
        if not await ledger.listed(database, meant, 1):
            raise ConfigError(f"nothing was sent, or is to be sent, of {name!r}: filingbell deliveries list --all")
    return Chosen(
        states=tuple(states),
        channels=of,
        since=since,
        until=until,
        accessions=tuple(accessions),
        ids=tuple(ids),
        silences=tuple(silenced),
    )


async def of_silence(database: Database, workspace: WorkspaceId, silence: SilenceId) -> Chosen:
    """What the silence of *workspace* keeps, or kept, from being told."""
    return Chosen(channels=tuple(await channel_names.of_workspace(database, workspace)), silences=(silence,))


def _accession(name: str) -> Accession | None:
    try:
        return accession_of(name)
    except ValueError:
        return None


async def _owed(database: Database, workspace: WorkspaceId, channel: str) -> list[str]:
    """The ids of what is or was called *channel*; raises NotFound where nothing of that name was ever owed anything."""
    ever = set(await ledger.channels(database))
    found = [one for one in await resources.called(database, workspace, ResourceKind.CHANNEL, channel) if one in ever]
    if not found:
        names, mine = await channel_names.names(database), await channel_names.of_workspace(database, workspace)
        known = sorted(names[one] for one in ever.intersection(mine))
        raise NotFound(f"no channel {channel!r} was ever owed an alert; known are: {', '.join(known) or 'none'}")
    return found


async def listed(database: Database, meant: Chosen, limit: int) -> list[Delivery]:
    """The latest *limit* of those *meant*, oldest first."""
    return await ledger.listed(database, meant, limit)


async def page(
    database: Database, workspace: WorkspaceId, meant: Chosen, limit: int, behind: Place | None = None
) -> list[Delivery]:
    """The latest *limit* deliveries of *workspace* that are *meant*, or those next *behind* one; latest first."""
    mine = await channel_names.of_workspace(database, workspace)
    wanted = mine if meant.channels is None else [one for one in mine if one in meant.channels]
    return await ledger.page(database, replace(meant, channels=tuple(wanted)), limit, behind)


async def one(database: Database, workspace: WorkspaceId, message: str, channel: str) -> DeliveryWay:
    """The delivery of *message* to *channel*, with all its tries; raises NotFound where *workspace* has none such."""
    meant = Chosen(ids=(message,), channels=(channel,))
    found = await page(database, workspace, meant, 1)
    if not found:
        raise NotFound(f"nothing of the id {message!r} was sent, or is to be sent, to that channel")
    return DeliveryWay(delivery=found[0], tries=tuple(await ledger.tries(database, found[0])))


async def ways_of(database: Database, found: Iterable[Delivery]) -> list[DeliveryWay]:
    """Those *found*, each with all its tries."""
    return [DeliveryWay(delivery=one, tries=tuple(await ledger.tries(database, one))) for one in found]


async def ways(database: Database, meant: Chosen) -> list[DeliveryWay]:
    """Those *meant*, each with all its tries."""
    return await ways_of(database, await ledger.listed(database, meant, _EVERY))


async def resend(
    database: Database, meant: Chosen, *, delivered: bool, silenced: bool = False, asked: AskedBy | None = None
) -> Resent:
    """Send the dead ones of those *meant* again, and with *delivered* those that arrived as well.

    What a silence has kept is sent where the silence is named, or with *silenced*.

    They keep their ids, so that a webhook's receiver can tell a repetition. A service that runs sends them in their
    order, at half of the pace that a channel has, or ten a second, so that what is new goes in between; one that does
    not run sends them at its next start. The log of changes has who *asked*, which says from when on they go; where
    nobody has asked, they go at once.
    """
    wanted = {DeliveryState.DELIVERED: delivered, DeliveryState.SUPPRESSED: silenced or bool(meant.silences)}
    states = (DeliveryState.DEAD, *(state for state, asked_for in wanted.items() if asked_for))
    async with _noting(database, asked) as (tx, tell):
        resent = await resending.resend(tx, replace(meant, states=states), await _paced(tx, meant, asked))
        await tell(Action.RESENT, resent.counts)
        return resent


async def _paced(tx: Transaction, meant: Chosen, asked: AskedBy | None) -> ResendingPace | None:
    if asked is None:
        return None
    of = await resources.by_id(tx, meant.channels or ())
    return ResendingPace(
        begins=asked.at, apart=defaultdict(lambda: _APART, {one: _apart(found) for one, found in of.items()})
    )


def _apart(channel: Resource) -> timedelta:
    """From one message that is sent again to the next: half of what *channel* takes is left to what is new."""
    settings, _ = CHANNELS.get(channel.section.get("type", ""), (None, None))
    field = settings.model_fields.get("pace_seconds") if settings is not None else None
    pace = channel.section.get("pace_seconds", field.default if field is not None else None)
    return max(_APART, timedelta(seconds=2 * float(pace))) if isinstance(pace, int | float) else _APART


async def acknowledge(
    database: Database, meant: Chosen, now: datetime, *, asked: AskedBy | None = None
) -> dict[str, int]:
    """Let the dead ones of those *meant* count no more: somebody has seen to them; how many, by channel."""
    async with _noting(database, asked) as (tx, tell):
        counts = await ledger.acknowledge(tx, meant, now)
        await tell(Action.ACKNOWLEDGED, counts)
        return counts


async def flush(
    database: Database, workspace: WorkspaceId, channel: str, now: datetime, *, asked: AskedBy | None = None
) -> int:
    """Try now what waits for *channel*, oldest first and at its pace; returns how much that is.

    Its quiet hours hold nothing of that. Raises NotFound where nothing was ever owed to it, and Forbidden where nothing
    is sent to it: it was removed, or somebody has disabled it.
    """
    found = await _owed(database, workspace, channel)
    known = (await channel_names.known(database, found)).values()
    if all(one.removed for one in known):
        raise Forbidden(f"the channel {channel!r} was removed: filingbell deliveries move {channel} OTHER")
    if not any(one.enabled for one in known if not one.removed):
        raise Forbidden(f"the channel {channel!r} is disabled: filingbell channels enable {channel}")
    async with _noting(database, asked) as (tx, tell):
        counts = {one: await channels.flush(tx, one, now, held=True) for one in found}
        await tell(Action.FLUSHED, counts)
        return sum(counts.values())


async def move(
    database: Database,
    workspace: WorkspaceId,
    source: str,
    target: str,
    now: datetime,
    *,
    asked: AskedBy | None = None,
) -> int:
    """Owe what waits for the channel *source* to *target* instead, under the same ids; returns how much that is.

    Raises NotFound where nothing was ever owed to *source*, or there is no channel *target*.
    """
    to = (await find(database, workspace, ResourceKind.CHANNEL, target)).id
    found = [one for one in await _owed(database, workspace, source) if one != to]
    if not found:
        raise ConfigError(f"{source} and {target} are the same channel")
    async with _noting(database, asked) as (tx, tell):
        counts = {one: await rerouting.move(tx, one, to, now) for one in found}
        await tell(Action.MOVED, counts, to=target)
        return sum(counts.values())


@asynccontextmanager
async def _noting(database: Database, asked: AskedBy | None) -> AsyncIterator[tuple[Transaction, _Tell]]:
    """A transaction, and what tells the log of changes how many deliveries of which channels were changed in it.

    Where nobody has *asked*, it tells nothing.
    """
    async with database.transaction() as tx:
        if asked is not None:
            await resources.lock(tx)

        async def tell(action: Action, counts: Mapping[str, int], **more: str) -> None:
            known = await resources.by_id(tx, list(counts)) if asked is not None else {}
            for channel, count in counts.items():
                if asked is not None and count:
                    after = {"messages": count, **more}
                    changed = Changed(kind=ChangeSubject.DELIVERY, id=channel, name=known[channel].name, after=after)
                    await note(tx, asked.by, action, changed, asked.at)

        yield tx, tell
