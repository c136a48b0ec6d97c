"""The alerts of a workspace, latest first, part by part."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Exists, Row, and_, exists, func, literal, select, tuple_, union_all

from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.model.identity import RuleId, WorkspaceId
from service.model.message import MessageKind
from service.store import bodies, latest
from service.store.connection import Connection
from service.store.database import Database
from service.store.schema import deliveries, literally, messages, tape_keys
from service.store.sharing import COMMON, whole

_FEW = frozenset({DeliveryState.PENDING, DeliveryState.DEAD})  # states in which nearly nothing is for long

Place = tuple[datetime, str]
"""Where an alert stands in a list: the later it was made or owed, the sooner it comes; and its id."""


class WantedAlerts(Struct, frozen=True, kw_only=True):
    """Which alerts are meant: those for which everything that is set here holds."""

    accession: Accession | None = None  # on this filing
    keys: Sequence[str] | None = None  # on filings that the tape has by one of these; None: whether or not it does
    rule: RuleId | None = None
    since: datetime | None = None  # made then or later
    before: datetime | None = None  # made before
    channels: Sequence[str] | None = None  # with a delivery to one of these; None: whether or not there is one
    state: DeliveryState | None = None  # of that delivery; None: any


class KeptAlert(Struct, frozen=True, kw_only=True):
    """An alert as it is kept."""

    id: str
    created: datetime
    accession: Accession
    trade: Accession | None  # the filing that told of its trade before; None: none did
    rule: str | None  # its name then; None: an alert of a time when the database did not keep it
    rule_id: RuleId | None
    value: bytes | None  # as JSON; None: longer ago than the database keeps what it said
    place: Place


class Rung(Struct, frozen=True, kw_only=True):
    """An alert, by its rule."""

    id: str
    rule: str  # its name then


_QUERY = (
    select(
        messages.c.id,
        messages.c.created,
        messages.c.accession,
        messages.c.trade,
        messages.c.rule,
        messages.c.rule_id,
        bodies.BODY.label("value"),
        COMMON,
    )
    .select_from(bodies.WITH_LOG)
    .where(literally(messages.c.kind, MessageKind.ALERT))
)
_PLACE = (messages.c.created, messages.c.id)
_FOUND = tuple(func.coalesce(column, column) for column in _PLACE)  # the same, of few that another index has found
_OWED = (deliveries.c.created, deliveries.c.message)


async def page(
    database: Database, workspace: WorkspaceId, wanted: WantedAlerts, limit: int, behind: Place | None = None
) -> list[KeptAlert]:
    """The latest *limit* alerts of *workspace* that are *wanted*, or those next *behind* the one of that place.

    However many there are, what is read is about what is returned: a list goes along an index of a rule's or the
    workspace's alerts by time, or, where few can be meant, of each channel's deliveries in a state.
    """
    async with database.reading() as connection:
        if _by_delivery(wanted):
            places = await _owed(connection, workspace, wanted, limit, behind)
        else:
            query = select(*_PLACE).where(*_conditions(workspace, wanted), *latest.behind(_PLACE, behind))
            order = _FOUND if _of_filings(wanted) else _PLACE
            found = await connection.execute(latest.first(query, order).limit(limit))
            places = [(row.created, row.id) for row in found]
        found = await connection.execute(_QUERY.where(messages.c.id.in_([alert for _, alert in places])))
        rows = {row.id: row for row in found}
    return [_kept(rows[place[1]], place) for place in places if place[1] in rows]


async def rung(
    database: Database, workspace: WorkspaceId, accessions: Collection[Accession]
) -> dict[Accession, list[Rung]]:
    """The alerts of *workspace* on each of *accessions* that has some, by the names of their rules."""
    mine = literally(messages.c.kind, MessageKind.ALERT), messages.c.workspace == workspace
    query = select(messages.c.accession, messages.c.id, messages.c.rule).where(*mine).order_by(messages.c.rule)
    found: dict[Accession, list[Rung]] = {}
    async with database.reading() as connection:
        for row in await connection.execute(query.where(messages.c.accession.in_(accessions))):
            found.setdefault(Accession(row.accession), []).append(Rung(id=row.id, rule=row.rule or ""))
    return found


async def find(database: Database, workspace: WorkspaceId, alert: str) -> KeptAlert | None:
    """The alert of *workspace* with this id."""
    query = _QUERY.where(messages.c.workspace == workspace, messages.c.id == alert)
    async with database.reading() as connection:
        row = (await connection.execute(query)).first()
        return None if row is None else _kept(row, (row.created, row.id))


async def of_trade(database: Database, workspace: WorkspaceId, alert: KeptAlert, limit: int) -> list[KeptAlert]:
    """The alerts of *workspace* on the trade of *alert*, in their order: *limit* of them, those by its rule first."""
    first, mine = alert.trade or alert.accession, messages.c.workspace == workspace
    columns = (*_PLACE, messages.c.accession, messages.c.rule_id)
    of = union_all(*(select(*columns).where(mine, each == first) for each in (messages.c.trade, messages.c.accession)))
    found = of.subquery().c
    query = select(found.id).order_by(found.rule_id != alert.rule_id, found.created, found.accession).limit(limit)
    async with database.reading() as connection:
        ids = list(await connection.scalars(query))
        rows = await connection.execute(_QUERY.where(messages.c.id.in_(ids)))
        kept = [_kept(row, (row.created, row.id)) for row in rows]
    return sorted(kept, key=lambda one: (one.created, one.accession))


def _of_filings(wanted: WantedAlerts) -> bool:
    """Whether filings are named, which few alerts are on."""
    return wanted.accession is not None or wanted.keys is not None


def _by_delivery(wanted: WantedAlerts) -> bool:
    """Whether to go along the deliveries, of which fewer can be meant."""
    narrow = _of_filings(wanted) or wanted.rule is not None
    return wanted.channels is not None and (wanted.state in _FEW or not narrow)


async def _owed(
    connection: Connection, workspace: WorkspaceId, wanted: WantedAlerts, limit: int, behind: Place | None
) -> list[Place]:
    """Where the alerts stand, by when they were owed to a channel; to several, by the last of these times."""
    channels, states = wanted.channels or (), list(DeliveryState) if wanted.state is None else [wanted.state]
    query = (
        select(*_OWED)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(*_of_messages(workspace, wanted), *latest.behind(_OWED, behind))
    )
    if behind is not None:
        query = query.where(~_before(behind, channels, states))
    places: dict[str, Place] = {}
    for row in await latest.of_each(connection, query, _OWED, channels, states, limit):
        places.setdefault(row.message, (row.created, row.message))
    return list(places.values())[:limit]


def _before(place: Place, channels: Sequence[str], states: Sequence[DeliveryState]) -> Exists:
    """Whether the alert of a delivery stood at *place* or before it, for another delivery."""
    twin = deliveries.alias("twin")
    at, one = (literal(value, column.type) for value, column in zip(place, _OWED, strict=True))
    return exists().where(
        twin.c.message == deliveries.c.message,
        twin.c.channel.in_(channels),
        twin.c.state.in_(states),
        tuple_(twin.c.created, twin.c.message) >= tuple_(at, one),
    )


def _conditions(workspace: WorkspaceId, wanted: WantedAlerts) -> Iterable[ColumnElement[bool]]:
    yield from _of_messages(workspace, wanted)
    if wanted.channels is not None:
        told = [deliveries.c.message == messages.c.id, deliveries.c.channel.in_(wanted.channels)]
        state = [] if wanted.state is None else [deliveries.c.state == wanted.state]
        yield exists().where(and_(*told, *state))


def _of_messages(workspace: WorkspaceId, wanted: WantedAlerts) -> Iterable[ColumnElement[bool]]:
    yield messages.c.workspace == workspace
    if wanted.accession is not None:
        yield messages.c.accession == wanted.accession
    if wanted.keys is not None:
        yield messages.c.accession.in_(select(tape_keys.c.accession).where(tape_keys.c.key.in_(wanted.keys)))
    if wanted.rule is not None:
        yield messages.c.rule_id == wanted.rule
    if wanted.rule is None and not _of_filings(wanted):  # only alerts have these; SQLite goes along their indexes
        yield literally(messages.c.kind, MessageKind.ALERT)
    if wanted.since is not None:
        yield messages.c.created >= wanted.since
    if wanted.before is not None:
        yield messages.c.created < wanted.before


def _kept(row: Row[Any], place: Place) -> KeptAlert:
    return KeptAlert(
        id=row.id,
        created=row.created,
        accession=Accession(row.accession),
        trade=row.trade and Accession(row.trade),
        rule=row.rule,
        rule_id=row.rule_id and RuleId(row.rule_id),
        value=whole(row.value, row.common) if row.value else None,
        place=place,
    )
