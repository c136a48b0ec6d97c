"""A rule held against the past: when it would have rung, for whom, and what nothing could tell.

By the live matcher, filing by filing, each with what was known before it and nothing that came later.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from consumers.matcher.explain import explain, verdict_of
from consumers.matcher.headline import headline
from consumers.matcher.match import CompiledRule, Rows
from consumers.matcher.necessary import asks_past, days_around
from consumers.matcher.recalling import before
from consumers.matcher.sought import sought
from consumers.matcher.subject import Subject
from consumers.parser.symbols import finding, normalised
from service.clock import Clock
from service.control import recalling
from service.control.tallied import Backtest, Ring, Tally
from service.model import calendar
from service.model.alert import Explanation
from service.model.fact import Verdict
from service.model.filing import Accession, Cik
from service.model.parsed import ParsedFiling
from service.model.past import Before
from service.model.sought import Either, Sought
from service.store import Database
from service.store import sought as store
from service.store.history import key_of, known_of
from service.store.horizon import Fixed, Horizon, hindsight
from service.store.sought import Found

_PIECE = 200  # filings that are read at once
_TOLD = 20  # of those that would have rung


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
    tally, total = Tally(), await store.count(database, these)
    reached: datetime | None = None
    async for found in store.latest_first(database, these):
        for start in range(0, len(found), _PIECE):
            if stopped() or (ends is not None and clock.monotonic() > ends):
                reached = tally.last or until
                break
            piece = found[start : start + _PIECE]
            await _hold(database, rule, piece, clock.now(), tally)
            tell(tally.held, total)
            if breath:
                await clock.sleep(breath)
        if reached is not None:
            break
    filings = await store.known(database, reached or since, until)
    shown = await told(database, rule, [key_of(one) for one in islice(tally.rings, _TOLD)], clock.now())
    return tally.told(since, until, reached, await store.oldest(database), filings, shown)


async def told(database: Database, rule: CompiledRule, keys: Sequence[int], now: datetime) -> tuple[Ring, ...]:
    """What *rule* would have said of the filings *keys*, the latest first; those that it does not meet are left out."""
    found = await store.times(database, keys)
    subjects = await _subjects(database, rule, found, now)
    return await asyncio.to_thread(
        lambda: tuple(
            _ring(one, at.known, rows)
            for one, at in zip(subjects, found, strict=True)
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


async def _hold(database: Database, rule: CompiledRule, found: Sequence[Found], now: datetime, tally: Tally) -> None:
    subjects = await _subjects(database, rule, found, now)

    def hold() -> None:
        for one, at in zip(subjects, found, strict=True):
            try:
                rang = rule.matches(one) is not None
                unknown = () if rang or verdict_of(rule, one) is not Verdict.UNKNOWN else tuple(_open(rule, one))
            except Exception:  # as in the matcher, it hurts this filing alone
                tally.fail(at.known)
                continue
            tally.hold(one, at.known, unknown, rang=rang)

    await asyncio.to_thread(hold)


async def _subjects(database: Database, rule: CompiledRule, found: Sequence[Found], now: datetime) -> Sequence[Subject]:
    """The filings as the matcher looks at them, each with what was known before it where the rule hangs on that."""
    parsed = await recalling.several(database, [one.filing for one in found])
    filings = [_dated(parsed[one.filing], one.known) for one in found]
    subjects = await asyncio.to_thread(lambda: [Subject.of(one.filing, one.document) for one in filings])
    if not asks_past(rule.key):
        return subjects
    hanging = [one for one, subject in zip(filings, subjects, strict=True) if subject.facts and _is_open(rule, subject)]
    known = await _before(database, hanging, now, days_around(rule.key))
    return [
        subject.after(known[accession]) if (accession := subject.filing.accession) in known else subject
        for subject in subjects
    ]


async def _before(
    database: Database, filings: Sequence[ParsedFiling], now: datetime, days: int
) -> dict[Accession, Before]:
    """What was known before each of *filings*: complete is the past of each that was so, whatever is missing since."""
    filed = {one.filing.accession: calendar.eastern_day(known_of(one.filing.times, now)) for one in filings}
    async with database.reading() as connection:
        horizons = await hindsight(connection, set(filed.values()), now)
    together = defaultdict[Horizon, list[ParsedFiling]](list)
    for one in filings:
        together[horizons[filed[one.filing.accession]]].append(one)
    known = dict[Accession, Before]()
    for horizon, several in together.items():
        known |= await before(database, several, now, horizons=Fixed(horizon), days=days)
    return known


def _is_open(rule: CompiledRule, subject: Subject) -> bool:
    try:
        return rule.condition.is_open(subject)
    except Exception:  # holding it tells
        return True


def _dated(parsed: ParsedFiling, known: datetime) -> ParsedFiling:
    """*parsed*; of a set, which has no times, as if it had been seen when it was known: nothing later is its past."""
    times = parsed.filing.times
    if times.accepted or times.updated or times.seen or times.published:
        return parsed
    return replace(parsed, filing=replace(parsed.filing, times=replace(times, seen=known)))


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
