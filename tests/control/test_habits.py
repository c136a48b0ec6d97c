"""A rule watches itself: it is told when it is silent for too long, or cannot be decided as it was before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from consumers.dispatcher.notices import Notices
from service.control.habits import Habits, habit
from service.control.resources import switch
from service.log.table import TableLog
from service.model.identity import DEFAULT, Revision, RuleId
from service.model.notice import NoticeKind
from service.settings import Settings
from service.store import Database, deliveries, habits, notices
from service.store.habits import Due
from service.vault import open_vault
from service.vitals import Unwatched
from service.watch.watch import Watch
from tests.control.desk import CHANNEL, RULE, Desk
from tests.control.filed import bought, filed, keep
from tests.control.test_ruling import rang
from tests.kit.clocks import HastyClock, SetClock
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.tasks import going_on
from tests.web.test_rule_past import a_backtest


async def a_desk(database: Database, home: Path) -> Desk:
    desk = Desk(database, open_vault(home, None, make=True), DEFAULT, "anna")
    await desk.add(CHANNEL, "desk", type="slack", url="https://hooks.slack.com/services/T/B/x", pace_seconds=0)
    return desk


async def looked(database: Database, at: datetime | None = None) -> list[habits.RuleWithHabit]:
    """What is told of rules, after each of them was looked at."""

    class Clock(HastyClock):
        def now(self) -> datetime:
            return at or now()

    watching = Habits(database, Clock(), Unwatched())
    while await watching.look():
        pass
    return await habits.told(database)


async def in_the_past(database: Database, months: int, until: int = 0) -> None:
    """A purchase a week, for so many *months* until so many days ago."""
    days = [(now() - timedelta(days=until + 7 * week + 1)).date() for week in range(4 * months)]
    await keep(database, *(filed(1000 * until + week, day, bought(day)) for week, day in enumerate(days)))


async def test_a_rule_that_rings_weekly_is_silent_after_five_weeks(either: Database, tmp_path: Path) -> None:
    """Its own channels are told; it is over once it rings again."""
    desk = await a_desk(either, tmp_path)
    rule = await desk.add(RULE, "buys", kinds="purchase", channels="desk")
    await in_the_past(either, 12)
    early = await looked(either, now() + timedelta(days=30))
    (one,) = await looked(either, now() + timedelta(days=40))
    clock = SetClock(now() + timedelta(days=40))
    watch = Watch(Settings(), either, TableLog(either, Unwatched()), clock, Unwatched(), lambda: None)
    await watch.look()
    (standing,) = [two for two in await notices.standing(either) if two.kind is NoticeKind.QUIET]
    async with going_on(Notices(either, now, Unwatched()).run()):
        await eventually(lambda: told_all(either))
    owed = await deliveries.pending(either)
    await rang(either, rule, timedelta())
    await watch.look()

    assert [] == early
    assert one.habit.usual is not None
    assert timedelta(days=6.5) < one.habit.usual < timedelta(days=7.5)
    assert rule.created == one.habit.silent
    assert "The rule buys has not rung since" in standing.notice.headline
    assert "By its past it would ring every 7 days." in standing.notice.lines
    assert rule.section["channels"] == list(owed)
    assert [] == [two for two in await notices.standing(either) if two.kind is NoticeKind.QUIET]


async def told_all(database: Database) -> bool:
    return not await notices.unowed(database)


async def test_a_rule_of_which_much_is_unknown_lately_is_unsure(database: Database, tmp_path: Path) -> None:
    """As when a box that it asks for is filed as a footnote from some day on."""
    desk = await a_desk(database, tmp_path)
    await desk.add(RULE, "buys", kinds="purchase", value=">= $1k", channels="desk")
    await in_the_past(database, 12, until=40)
    for number in range(6):
        day = (now() - timedelta(days=3 * number + 1)).date()
        await keep(database, filed(90_000 + number, day, bought(day, None)))  # type: ignore[arg-type]
    (one,) = await looked(database)
    (again,) = await looked(database, now() + timedelta(days=2))

    assert (0, 100, "value >= $1,000") == (one.habit.before, one.habit.lately, one.habit.claim)
    assert one.habit.unsure == again.habit.unsure
    assert one.habit.looked < again.habit.looked


async def test_rules_are_looked_at_once_a_day_and_when_they_were_changed(database: Database, tmp_path: Path) -> None:
    """Those that are disabled are not; nor is anything told of a rule as it stood before."""
    desk = await a_desk(database, tmp_path)
    rule = await desk.add(RULE, "buys", kinds="purchase", channels="desk")
    (first,) = await habits.due(database, now() - timedelta(days=1), 2)
    await looked(database)
    done = await habits.due(database, now() - timedelta(days=1), 2)
    await desk.edit(RULE, "buys", kinds="purchase", value=">= $1", channels="desk")
    (changed,), before = await habits.due(database, now() - timedelta(days=1), 2), await habits.find(database, rule.id)
    await switch(database, desk.actor, RULE, "buys", now(), enabled=False)

    assert (rule.id, rule.created, None) == (first.rule, first.created, first.habit)
    assert [] == done
    assert (None, None) == (changed.habit, before)
    assert [] == await habits.due(database, now() - timedelta(days=1), 2)


def test_what_is_rare_is_not_judged() -> None:
    """Four alerts in two years say nothing of what is usual, and four unknown filings are no trend."""
    at = datetime(2025, 3, 10, 20, tzinfo=UTC)
    due = Due(
        rule=RuleId("r"),
        workspace=DEFAULT,
        revision=Revision(1),
        created=at - timedelta(days=99),
        last=None,
        habit=None,
    )
    past = a_backtest({date(2025, 3, day): 1 for day in range(3, 7)})
    days = {date(2025, 3, 9): 4}
    found = habit(due, replace(past, unknown_by_day=days), at)

    assert (None, None, None, None) == (found.usual, found.silent, found.unsure, found.lately)
