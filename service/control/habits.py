"""A rule watches itself: what was usual in its past, and whether it still is.

Every enabled rule is held against two years of the past once a day, a little at a time.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import structlog

from service.clock import Clock
from service.control.backtest import backtest
from service.control.comparing import stored
from service.control.tallied import Backtest
from service.model import calendar
from service.model.errors import Faulty, NotFound
from service.store import Database, habits
from service.store.habits import Due, RuleHabit
from service.vitals import Vitals

_EVERY = timedelta(days=1)
_LOOK = 60.0  # seconds between looks for a rule that is due
_BREATH = 0.1  # seconds between two pieces of the past, and at least between two rules, for those who match and send
_REST = 20  # times as long as a look took, between two rules: where others work, looks take longer, and come seldom
_LONGEST = 2.0  # seconds that it rests at most
_AT_ONCE = 50  # rules that are asked for together
_PAST, _LATELY = timedelta(days=730), timedelta(days=30)

_TIMES = 5  # so much longer silent than is usual
_SOON = timedelta(days=5)  # what is shorter is no silence
_RINGS = 5  # by which it is told what is usual
_UNKNOWN = 5  # filings lately, at least
_KNOWN = 20  # filings before, at least
_SHARE = 10  # of 100, at least

log = structlog.get_logger()


class Habits:
    """Looks at rule after rule. ``run`` it as leader; a second one would do the same again, and nothing else."""

    def __init__(self, database: Database, clock: Clock, vitals: Vitals) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Look without end; raises Unavailable where the database is."""
        while True:
            self._vitals.beat("habits")
            if not await self.look():
                self._vitals.beat("habits", _LOOK)
                await self._clock.sleep(_LOOK)

    async def look(self) -> bool:
        """Look at the rules that are due first; False: none is."""
        due = await habits.due(self._database, self._clock.now() - _EVERY, _AT_ONCE)
        for one in due:
            began = self._clock.monotonic()
            await self._look_at(one)
            took = self._clock.monotonic() - began
            await self._clock.sleep(min(max(_BREATH, _REST * took), _LONGEST))
        return bool(due)

    async def _look_at(self, due: Due) -> None:
        now = self._clock.now()
        found = RuleHabit(rule=due.rule, revision=due.revision, looked=now, usual=None)
        try:
            rule = await stored(self._database, due.workspace, due.rule)
            past = await backtest(self._database, rule, now - _PAST, now, self._clock, breath=_BREATH, tell=self._beat)
            found = habit(due, past, now)
        except (NotFound, Faulty) as error:  # it was removed meanwhile, or this version cannot read it
            log.warning("rule_not_looked_at", id=due.rule, detail=str(error))
        async with self._database.transaction() as tx:
            await habits.keep(tx, found)

    def _beat(self, _done: int, _all: int) -> None:
        self._vitals.beat("habits")


def habit(due: Due, past: Backtest, now: datetime) -> RuleHabit:
    """What the *past* of a rule says is usual, and what of it is not so *now*."""
    usual = _usual(past)
    quiet = max(due.created, due.last or due.created)
    silent = quiet if usual is not None and now - quiet > max(_TIMES * usual, _SOON) else None
    began = calendar.eastern_day(now - _LATELY)
    before, lately = (_share(past, began, later=later) for later in (False, True))
    unsure = None
    if before is not None and lately is not None and lately >= max(2 * before, _SHARE):
        unsure = due.habit.unsure if due.habit is not None and due.habit.unsure is not None else now
    claims = [one for one in past.unknown if one.last >= began]
    return RuleHabit(
        rule=due.rule,
        revision=due.revision,
        looked=now,
        usual=usual,
        silent=silent,
        unsure=unsure,
        before=before,
        lately=lately,
        claim=claims[0].claim if claims and unsure else None,
    )


def _usual(past: Backtest) -> timedelta | None:
    """The time between two alerts, on average, up to the last one; None: there are too few."""
    if past.rang < _RINGS or past.oldest is None:
        return None
    latest = next(iter(past.rings.values()))
    return (latest - max(past.since, past.oldest)) / past.rang


def _share(past: Backtest, began: date, *, later: bool) -> int | None:
    """Of 100 filings that the rule rang for or that are unknown, those that are; None: there are too few to tell."""
    rang, unknown = _count(past.by_day, began, later=later), _count(past.unknown_by_day, began, later=later)
    if later and unknown < _UNKNOWN:
        return None
    if not later and rang + unknown < _KNOWN:
        return None
    return round(100 * unknown / (rang + unknown))


def _count(by_day: Mapping[date, int], began: date, *, later: bool) -> int:
    return sum(count for day, count in by_day.items() if (day >= began) is later)
