"""The service as those see it who only use it: whether it runs, how far it has read, and what it asks of the SEC."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from service.edgar.pace import Host
from service.model import calendar
from service.store import filings, letters, marks, requests
from service.store.processes import Process
from service.store.requests import RequestCounts
from service.watch.look import Look


class RoleHolder(Struct, frozen=True, kw_only=True):
    """A role, and who has it."""

    role: str
    processes: int  # that run; 0: none does
    since: datetime | None  # the longest of them has run since then; None: none runs
    seen: datetime | None  # when one was last heard of; None: never


class Block(Struct, frozen=True, kw_only=True):
    """A host of the SEC that refuses this service."""

    host: Host
    until: datetime  # nothing is asked of it before


class Overview(Struct, frozen=True, kw_only=True):
    """The service, as it is now. Nothing in it belongs to a workspace, and nothing says where it runs."""

    at: datetime
    parts: tuple[RoleHolder, ...]
    read: datetime | None  # when the SEC's feed was last read to known ground; None: never
    newest: datetime | None  # the newest filing's time there; None: it has shown none
    filings: Mapping[str, int]  # by state
    behind: Mapping[str, int] | None  # events that each stage has before it; None: the log does not answer
    dead_letters: int  # open
    asked: RequestCounts  # of the SEC, today
    budget: float  # the most requests a second
    blocks: tuple[Block, ...]  # that stand


async def overview(look: Look) -> Overview:
    """What there is to see; raises Unavailable where the database is."""
    database, known, behind = look.database, await look.marks(), await look.behind()
    until = {host: known.get(marks.blocked(host)) for host in Host}
    return Overview(
        at=look.now,
        parts=await _parts(look),
        read=known.get(marks.READ),
        newest=await look.newest(),
        filings={state.value: 0 for state in filings.FilingState} | await filings.counts(database),
        behind=behind.stages if behind.unavailable is None else None,
        dead_letters=await letters.count_open(database),
        asked=await requests.of(database, calendar.eastern_day(look.now)),
        budget=look.settings.sec_rate,
        blocks=tuple(Block(host=host, until=at) for host, at in until.items() if at is not None and at > look.now),
    )


async def running(look: Look) -> tuple[Process, ...]:
    """The processes that run, the oldest first: for those who may know where."""
    found = await look.running()
    return tuple(sorted(found.processes, key=lambda one: one.started))


async def _parts(look: Look) -> tuple[RoleHolder, ...]:
    found = await look.running()
    gone = {one.role: one.last_seen for one in found.absent}
    there = [*found.processes, *found.silent]
    others = sorted({role for one in there for role in one.roles} - set(look.settings.roles))
    return tuple(_part(role, there, gone.get(role)) for role in (*look.settings.roles, *others))


def _part(role: str, there: list[Process], seen: datetime | None) -> RoleHolder:
    mine = [one for one in there if role in one.roles]
    return RoleHolder(
        role=role,
        processes=len(mine),
        since=min((one.started for one in mine), default=None),
        seen=max((one.beat for one in mine), default=seen),
    )
