"""How the whole service fares: how far everything has come, and what is wrong now."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from service.control import channels
from service.control.channels import ChannelStanding
from service.store import Database, backfills, events, filings, letters, marks, silences, tickers
from service.store.backfills import Backfill
from service.store.processes import Process
from service.store.silences import HoldingSilences
from service.store.tickers import TickersReading
from service.watch.checks import conditions
from service.watch.condition import Condition
from service.watch.look import Look


class FeedStatus(Struct, frozen=True, kw_only=True):
    """How far EDGAR's feed has been read."""

    read: datetime | None  # when it was last read to known ground; None: never
    newest: datetime | None  # the newest filing's time; None: it has shown none


class Progress(Struct, frozen=True, kw_only=True):
    """How far a backfill has come."""

    id: int
    since: date
    until: date
    read: int  # indexes, of those *to_read*
    to_read: int
    found: int
    published: int
    dead: int
    waits: str | None  # why its last try failed


class Status(Struct, frozen=True, kw_only=True):
    """The whole, as it is now."""

    conditions: tuple[Condition, ...]  # what is wrong; empty: nothing is
    processes: tuple[Process, ...]  # that run
    edited: tuple[Process, ...]  # whose configuration file on this machine is not the one that they loaded
    filings: Mapping[str, int]  # by state
    topics: Mapping[str, int]  # events ever appended
    lag: Mapping[str, int] | None  # events that each stage has before it; None: the log does not answer
    relay_lag: int | None  # events that are not in Kafka yet; None: there is no Kafka, or it does not answer
    dead_letters_open: int
    deliveries: Mapping[str, ChannelStanding]  # by channel
    silenced: HoldingSilences  # what silences keep that hold
    feed: FeedStatus
    tickers: TickersReading  # how far the SEC's list of tickers has been read
    gaps: int
    days_unproven: int
    filings_missing: int
    backfills: tuple[Progress, ...]


async def status(look: Look) -> Status:
    """What there is to know; raises Unavailable where the database is."""
    database, found = look.database, await conditions(look)
    behind, running, known = await look.behind(), await look.running(), await look.marks()
    unproven, missing = await look.unproven()
    return Status(
        conditions=found,
        processes=running.processes,
        edited=running.edited,
        filings={"pending": 0, "published": 0, "dead": 0} | await filings.counts(database),
        topics=await events.counts(database),
        lag=behind.stages if behind.unavailable is None else None,
        relay_lag=behind.relay,
        dead_letters_open=await letters.count_open(database),
        deliveries={one.channel: one for one in await channels.standings(look)},
        silenced=await silences.holding(database, look.now),
        feed=FeedStatus(read=known.get(marks.READ), newest=await look.newest()),
        tickers=await tickers.reading(database),
        gaps=len(await look.gaps()),
        days_unproven=unproven,
        filings_missing=missing,
        backfills=tuple([await _progress(database, one) for one in await backfills.active(database)]),
    )


async def _progress(database: Database, one: Backfill) -> Progress:
    made = await backfills.progress(database, one.id)
    return Progress(
        id=one.id,
        since=one.wish.since,
        until=one.wish.until,
        read=one.step,
        to_read=len(one.units),
        found=made.found,
        published=made.published,
        dead=made.dead,
        waits=one.waits,
    )
