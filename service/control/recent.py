"""How the latest filings would have fared under a rule that is not made yet."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule
from consumers.matcher.near import Miss, miss
from consumers.matcher.necessary import asks_past, days_around
from consumers.matcher.recalling import before
from consumers.matcher.subject import Subject
from service.clock import Clock
from service.control.preview import compiled
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.parsed import ParsedFiling
from service.model.past import Before
from service.store import Database, events
from service.vault import Vault
from service.wire import decode
from service.wire.topics import Record, Topic

_PIECE = 50  # filings that are read at once
_TOLD = 20  # of those that would have rung
_NEAR = 10


class Fared(Struct, frozen=True, kw_only=True):
    """One filing."""

    accession: Accession
    form: str
    at: datetime | None  # when EDGAR accepted it, or it was first seen; None: unknown
    company: str
    symbols: tuple[str, ...]
    headline: str
    miss: Miss | None  # the one claim that it fails; None: it would have rung


class Recent(Struct, frozen=True, kw_only=True):
    """How the latest filings would have fared, the latest first."""

    looked: int  # filings
    since: datetime | None  # the oldest of them; None: there is none, or it is unknown
    rang: tuple[Fared, ...]  # the latest of them
    rang_count: int
    near: tuple[Fared, ...]  # that fail one claim alone, the nearest first
    in_time: bool  # False: there were more, but the time was up


async def recent(
    database: Database,
    vault: Vault,
    workspace: WorkspaceId,
    name: str,
    content: Any,
    clock: Clock,
    *,
    count: int = 200,
    seconds: float = 2.0,
) -> Recent:
    """How the last *count* filings would have fared under a rule with *content*, so many as *seconds* allow.

    Raises Faulty with every fault of it.
    """
    rule = await compiled(database, vault, workspace, name, content, clock.now())
    ends, days = clock.monotonic() + seconds, days_around(rule.key)
    looked, found, in_time, since = 0, list[Fared](), True, None
    async for records in _latest(database, count):
        if clock.monotonic() > ends:
            in_time = False
            break
        parsed = await asyncio.to_thread(_parsed, records)
        known = await before(database, parsed, clock.now(), days=days) if asks_past(rule.key) else {}
        subjects = await asyncio.to_thread(_subjects, parsed, known)
        fared = await asyncio.to_thread(lambda every: [_fared(rule, one) for one in every], subjects)
        looked += len(subjects)
        since = _at(subjects[-1])
        found += [one for one in fared if one is not None]
    rang = [one for one in found if one.miss is None]
    near = sorted((one for one in found if one.miss is not None), key=_distance)
    return Recent(
        looked=looked,
        since=since,
        rang=tuple(rang[:_TOLD]),
        rang_count=len(rang),
        near=tuple(near[:_NEAR]),
        in_time=in_time,
    )


async def _latest(database: Database, count: int) -> AsyncIterator[list[Record]]:
    """The last *count* parsed filings, the latest first, piece by piece."""
    end: int | None = None
    for wanted in range(_PIECE, count + _PIECE, _PIECE):
        start = await events.nth_last(database, Topic.PARSED, min(wanted, count))
        piece: list[Record] = []
        while records := await events.read(database, Topic.PARSED, start, _PIECE):
            piece += [one for one in records if end is None or one.offset < end]
            start = records[-1].offset + 1
            if end is not None and start >= end:
                break
        if not piece:
            return
        end = piece[0].offset
        yield piece[::-1]


def _parsed(records: Sequence[Record]) -> list[ParsedFiling]:
    return [decode(one.value, ParsedFiling) for one in records]


def _subjects(parsed: Sequence[ParsedFiling], known: Mapping[Accession, Before]) -> list[Subject]:
    return [Subject.of(one.filing, one.document, known.get(one.filing.accession)) for one in parsed]


def _fared(rule: CompiledRule, subject: Subject) -> Fared | None:
    """How *subject* fares; None: it is not even near."""
    rows = rule.matches(subject)
    missed = miss(rule, subject) if rows is None else None
    if rows is None and missed is None:
        return None
    issuer = subject.document.issuer
    return Fared(
        accession=subject.filing.accession,
        form=subject.filing.form,
        at=_at(subject),
        company=issuer.issuer_name or "",
        symbols=issuer.symbols,
        headline=headline(subject, subject.facts if rows is None else rows),
        miss=missed,
    )


def _at(subject: Subject) -> datetime | None:
    times = subject.filing.times
    return times.accepted or times.updated or times.seen


def _distance(one: Fared) -> tuple[bool, float]:
    """What fails a number by little comes first; what is of another kind, last."""
    assert one.miss is not None
    return one.miss.apart is None, one.miss.apart or 0.0
