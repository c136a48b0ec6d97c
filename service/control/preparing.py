"""Facts of the past, told ahead: so that backtests read few filings.

Every filing that lacks them is read once, the latest first, a little at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from consumers.matcher.columns import FORM, columns_of
from consumers.matcher.subject import Subject
from service.clock import Clock
from service.control import recalling
from service.model.decision import Decided, Decision, Joined
from service.model.sought import Sought
from service.store import Database, deciding, facts
from service.store.facts import KeptFacts
from service.vitals import Vitals

_PIECE = 50  # filings that are read at once
_BREATH = 0.1  # seconds between two pieces, for those who match and send
_LOOK = 60.0  # seconds between two looks
_REST = 100  # times as long as a look took, at least: it passes over every filing
_BEGAN = datetime(1990, 1, 1, tzinfo=UTC)  # EDGAR did later
_AHEAD = timedelta(days=1)  # so far may a clock be behind EDGAR's

_NEVER = Joined((), every=False)
_LACKING = Decision(form=FORM, filing=(_NEVER,))
"""False of every filing whose facts are kept: what is left has none."""


class Preparing:
    """Looks for filings whose facts are not kept. ``run`` it as leader; a second one would only do the same again."""

    def __init__(self, database: Database, clock: Clock, vitals: Vitals) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Look without end; raises Unavailable where the database is."""
        while True:
            began, reading = self._clock.monotonic(), 0.0
            async for seconds in prepare(self._database, self._clock, breath=_BREATH):
                reading += seconds
                self._vitals.beat("preparing")
            rest = max(_LOOK, _REST * (self._clock.monotonic() - began - reading))
            self._vitals.beat("preparing", rest)
            await self._clock.sleep(rest)


async def prepare(database: Database, clock: Clock, *, breath: float = 0.0) -> AsyncIterator[float]:
    """Keep the facts of every filing that lacks them; comes round after some of them, with the seconds they took.

    *breath*: the seconds between two pieces, where others are to work meanwhile.
    """
    these = Sought(since=_BEGAN, until=clock.now() + _AHEAD)
    async for piece in deciding.latest_first(database, these, _LACKING):
        for start in range(0, len(piece.filings), _PIECE):
            began = clock.monotonic()
            await _read(database, piece.filings[start : start + _PIECE])
            await clock.sleep(breath)
            yield clock.monotonic() - began
        yield 0.0


async def _read(database: Database, piece: Sequence[Decided]) -> None:
    before = await facts.standing(database, piece)
    parsed = await recalling.several(database, [one.filing for one in piece])

    def told() -> list[KeptFacts]:
        every = [(Subject.of(found.filing, found.document), at) for at in piece if (found := parsed.get(at.filing))]
        return [made for subject, at in every if (made := facts_of(subject, at)) is not None]

    await facts.keep(database, FORM, await asyncio.to_thread(told), before)


def facts_of(subject: Subject, of: Decided) -> KeptFacts | None:
    """What is kept of *subject*; None: a fact of it cannot be told, so that it has to be read each time."""
    try:
        rows = columns_of(subject)
    except Exception:  # holding a rule against it tells
        return None
    owners = tuple(dict.fromkeys(one.rpt_owner_cik for one in subject.owners))
    return KeptFacts(of, int(subject.document.issuer.issuer_cik), owners, rows)
