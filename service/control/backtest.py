"""A rule held against the past: when it would have rung, for whom, and what nothing could tell.

By the live matcher, filing by filing, each with what was known before it and nothing that came later. Filings whose
facts are kept are decided by these, in the database, as far as the rule asks for nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress, groupby
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from consumers.matcher.columns import FORM, decision
from consumers.matcher.explain import explain, verdict_of
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule, Rows
from consumers.matcher.sought import sought
from consumers.matcher.subject import Subject
from consumers.parser.symbols import finding, normalised
from service.clock import Clock
from service.control import subjects
from service.control.preparing import facts_of
from service.control.tallied import Backtest, Ring, Tally
from service.model.alert import Explanation
from service.model.decision import TRUE, UNKNOWN, Decided, Decision
from service.model.fact import Verdict
from service.model.filing import Accession, Cik
from service.model.sought import Either, Sought
from service.store import Database, deciding, facts
from service.store import sought as store
from service.store.deciding import Passed
from service.store.facts import KeptFacts

_PIECE = 200  # filings that are read at once
_DECIDED = 5_000  # that are counted at once
_TOLD = 20  # of those that would have rung


class _Held(NamedTuple):
    """What is held against the past."""

    rule: CompiledRule
    decision: Decision
    now: datetime
    tally: Tally


async def backtest(
    database: Database,
    rule: CompiledRule,
    since: datetime,
    until: datetime,
    clock: Clock,
    *,
    seconds: float | None = None,
    breath: float = 0.0,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Backtest:
    """What *rule* would have done with the filings that were known from *since* until before *until*.

    The latest filings come first. After so many *seconds* (None: however long it takes), or once it is *stopped*, it
    says what it has found, and how far back that reaches. *tell* hears how many filings of how many were looked at.
    *breath*: the seconds between two pieces, where others are to work meanwhile.
    """
    ends = None if seconds is None else clock.monotonic() + seconds
    these = await resolved(database, Sought(since=since, until=until, every=sought(rule.key)))
    held = _Held(rule, decision(rule.key), clock.now(), Tally())
    filings, passed = await store.known(database, since, until), 0
    last, reached = until, None
    async for piece in deciding.latest_first(database, these, held.decision):
        done, count = 0, filings - passed if piece.number is None else piece.number
        for part in _parts(piece.filings, held.decision):
            if stopped() or (ends is not None and clock.monotonic() > ends):
                reached = last
                break
            await _hold(database, held, part, piece)
            done, last = done + len(part), part[-1].known
            tell(min(filings, passed + count * done // len(piece.filings)), filings)
            if breath:
                await clock.sleep(breath)
        if reached is not None:
            break
        passed, last = passed + count, piece.reached
    if reached is not None:
        filings = await store.known(database, reached, until)
    shown = await told(database, rule, held.tally.rings.first(_TOLD), clock.now())
    names = await _names(database, held.tally)
    return held.tally.told(since, until, reached, await store.oldest(database), filings, shown, names)


async def _names(database: Database, tally: Tally) -> tuple[Mapping[Cik, str], Mapping[Cik, str]]:
    companies = await store.companies(database, list(tally.companies.nameless.values()))
    people = {cik: (key, int(cik)) for cik, key in tally.people.nameless.items()}
    named = await store.people(database, people.values())
    return (
        {cik: companies.get(key) or "" for cik, key in tally.companies.nameless.items()},
        {cik: named.get(one) or "" for cik, one in people.items()},
    )


async def told(database: Database, rule: CompiledRule, keys: Sequence[int], now: datetime) -> tuple[Ring, ...]:
    """What *rule* would have said of the filings *keys*, the latest first; those that it does not meet are left out."""
    found = await store.times(database, keys)
    read = await subjects.read(database, rule, found, now)
    return await asyncio.to_thread(
        lambda: tuple(
            _ring(one, at.known, rows)
            for one, at in zip(read, found, strict=True)
            if (rows := rule.matches(one)) is not None
        )
    )


async def resolved(database: Database, these: Sought) -> Sought:
    """*these*, with the companies that the tickers among them can mean."""
    if not any(one.tickers for one in these.every):
        return these
    known = await store.symbols(database)
    return replace(these, every=tuple(_companies(one, known) for one in these.every))


def _companies(one: Either, known: Collection[tuple[int, str]]) -> Either:
    if not one.tickers:
        return one
    named = {issuer for issuer, symbol in known if not one.tickers.isdisjoint(finding(normalised(symbol)))}
    return replace(one, issuers=one.issuers | {Cik(f"{issuer:010d}") for issuer in named}, tickers=frozenset())


def _parts(filings: Sequence[Decided], decided: Decision) -> Iterator[Sequence[Decided]]:
    """*filings* in their order, in parts of which not too many are to be read."""
    start = to_read = 0
    for end, one in enumerate(filings, start=1):
        to_read += not _is_decided(one, decided)
        if to_read == _PIECE or end - start == _DECIDED or end == len(filings):
            yield filings[start:end]
            start, to_read = end, 0


def _is_decided(one: Decided, decided: Decision) -> bool:
    return one.verdict == TRUE or (decided.exact and one.verdict == UNKNOWN)


async def _hold(database: Database, held: _Held, part: Sequence[Decided], piece: Passed) -> None:
    """Count the filings of *part*, and keep the facts of those that had to be read for want of them."""
    to_read = [one for one in part if not _is_decided(one, held.decision)]
    lacking = [one for one in to_read if one.verdict is None]
    before = await facts.standing(database, lacking) if lacking else {}
    read = await subjects.read(database, held.rule, to_read, held.now) if to_read else ()

    def hold() -> list[KeptFacts]:
        left = iter(read)
        for verdict, run in groupby(part, attrgetter("verdict")):
            if verdict == TRUE:
                held.tally.ring(list(run))
            elif held.decision.exact and verdict == UNKNOWN:
                alike = Counter((held.tally.day(one.known), piece.unknown[one.filing]) for one in run)
                for (day, open_by), number in alike.items():
                    held.tally.doubt(day, compress(held.decision.claims, open_by), number)
            else:
                for one in run:
                    _read(held, next(left), one)
        found = zip(to_read, read, strict=True)
        return [made for one, of in found if one.verdict is None and (made := facts_of(of, one)) is not None]

    made = await asyncio.to_thread(hold)
    held.tally.kept += len(made)
    await facts.keep(database, FORM, made, before)


def _read(held: _Held, subject: Subject, at: Decided) -> None:
    rule, tally = held.rule, held.tally
    tally.held += 1
    try:
        rang = rule.matches(subject) is not None
        unknown = () if rang or verdict_of(rule, subject) is not Verdict.UNKNOWN else tuple(_open(rule, subject))
    except Exception:  # as in the matcher, it hurts this filing alone
        tally.failed += 1
        return
    if rang:
        tally.ring_of(subject, at.known)
    elif unknown:
        tally.doubt(tally.day(at.known), unknown)


def _open(rule: CompiledRule, subject: Subject) -> Iterator[str]:
    """The claims that nothing could decide, each once."""
    explanation: Explanation = explain(rule, subject)
    whole = [*explanation.filing, *explanation.total]
    rows = [one for row in explanation.rows if row.verdict is Verdict.UNKNOWN for one in row.evidence]
    unknown = (one.predicate for one in (*whole, *rows) if one.verdict is Verdict.UNKNOWN)
    return iter(dict.fromkeys(one for one in unknown if one != _OF_ONE))


_OF_ONE = "of one and the same owner"


def _ring(subject: Subject, known: datetime, rows: Rows) -> Ring:
    issuer = subject.document.issuer
    return Ring(
        accession=Accession(subject.filing.accession),
        form=subject.filing.form,
        known=known,
        company=issuer.issuer_name or "",
        symbols=issuer.symbols,
        headline=headline(subject, rows),
    )
