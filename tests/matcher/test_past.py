"""What was filed before, in rules: exact, as it was known when the filing was accepted, unknown where it must be."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from consumers.language.rules import rules
from consumers.matcher.explain import explain
from consumers.matcher.facts.fact import AtLeast
from consumers.matcher.facts.past import Habit
from consumers.matcher.facts.registry import value
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.past import months_before
from consumers.matcher.recalling import before, recalled
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from service.control.why import subject_of
from service.model.fact import Verdict
from service.model.filing import Provenance
from service.model.identity import Revision
from service.store import Database, matchings
from service.store.horizon import Horizons
from service.store.marks import PAST
from service.store.matchings import Matching
from service.store.schema import gaps, history_sets, marks
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic, parsed_event
from tests.kit.documents import a_row, a_rule, an_option
from tests.kit.quarters import an_empty_set
from tests.matcher.kept import BEGUN, LATER, OWNERS, SOLD, asked, bought, filed, keep, sold, subject


async def test_days_since_the_last_purchase_count_from_trade_to_trade(either: Database) -> None:
    """Only what was accepted before counts, and a day before the row's."""
    earlier = filed(2, date(2024, 3, 5), bought(date(2024, 3, 1)), sold(date(2024, 3, 4)))
    same_day = filed(3, date(2025, 3, 4), bought(date(2025, 3, 3)))
    later = filed(5, date(2025, 3, 6), bought(date(2025, 1, 2)))
    await keep(either, BEGUN, earlier, same_day, later)
    now = filed(4, date(2025, 3, 5), bought(date(2025, 3, 3)))

    assert Decimal(367) == await asked(either, "days_since_purchase", now)
    assert Decimal(364) == await asked(either, "days_since_sale", now)
    assert True is await asked(either, "reversal", now)


async def test_what_never_was_is_known_for_as_long_as_the_past_is_complete(either: Database) -> None:
    """A first purchase in a year is one, however short the past: but never on the strength of what is missing."""
    await keep(either, BEGUN)
    now = filed(2, date(2021, 1, 8), bought(date(2021, 1, 7)))
    one = await subject(either, now)
    since = value("days_since_purchase", one, one.facts[0])
    met = {
        limit: explain(a_rule(days_since_purchase=limit), one).verdict
        for limit in ("> 365 days", ">= 367", "> 367", "< 300", "< 900")
    }
    told = explain(a_rule(days_since_purchase="> 500 days"), one).rows[0].evidence[0].stated

    assert (True, Decimal(367)) == (isinstance(since, AtLeast), since)
    assert met == {
        "> 365 days": Verdict.TRUE,
        ">= 367": Verdict.TRUE,
        "> 367": Verdict.UNKNOWN,
        "< 300": Verdict.FALSE,
        "< 900": Verdict.UNKNOWN,
    }
    assert "at least 367 days (the past is complete from 2020-01-07 on only); known for trades from 2021-05-21" in told
    assert "unknown" == explain(a_rule(reversal=True), one).verdict.value


async def test_days_since_a_grant_are_those_since_something_was_given(either: Database) -> None:
    """Options, and shares or units awarded; not what pay was turned into, what was bought, or an exercise."""
    day = date(2024, 3, 4)
    units = {"security_title": "Restricted Stock Units", "transaction_price_per_share": None}
    given = [
        filed(2, date(2021, 3, 5), an_option(transaction_date=date(2021, 3, 4))),
        filed(3, date(2022, 3, 7), a_row("A", price="0", transaction_date=date(2022, 3, 4))),
        filed(4, date(2023, 3, 6), an_option("A", "100", None, transaction_date=date(2023, 3, 3), **units)),
    ]
    others = [
        filed(5, date(2024, 3, 5), bought(day), an_option("M", transaction_date=day)),
        filed(6, date(2024, 3, 5), an_option("A", "10.5", None, transaction_date=day, security_title="Phantom Stock")),
        filed(7, date(2024, 3, 5), an_option("A", transaction_date=day, security_title="Convertible Note")),
    ]
    await keep(either, BEGUN)
    now, found = filed(9, date(2025, 3, 5), bought(date(2025, 3, 3))), []
    for one in given:
        await keep(either, one)
        found.append(await asked(either, "days_since_grant", now))
    await keep(either, *others)

    assert [Decimal(1460), Decimal(1095), Decimal(731)] == found
    assert Decimal(731) == await asked(either, "days_since_grant", now)
    assert a_rule(days_since_grant="< 800 days").matches(await subject(either, now))


async def test_a_grant_whose_box_says_disposed_may_have_been_one(database: Database) -> None:
    """Then the days are known only to be at least so many."""
    await keep(database, BEGUN, filed(2, date(2024, 3, 5), an_option(transaction_date=date(2024, 3, 4), **SOLD)))
    now = filed(9, date(2025, 3, 5), bought(date(2025, 3, 3)))
    since = await asked(database, "days_since_grant", now)

    assert (True, Decimal(364)) == (isinstance(since, AtLeast), since)


async def test_the_first_purchase_in_two_years_can_be_the_first_of_all(database: Database) -> None:
    """Who never bought while the past is complete has not bought for so long; one who did says when."""
    rule, never, long_ago = a_rule(kinds="purchase", days_since_purchase="> 730 days"), OWNERS[2], OWNERS[3]
    await keep(database, BEGUN, filed(2, date(2022, 3, 2), bought(date(2022, 3, 1)), reporting_owners=(long_ago,)))
    met = [
        explain(rule, await subject(database, filed(9, day + timedelta(days=2), bought(day), reporting_owners=(who,))))
        for who, day in (
            (never, date(2022, 1, 6)),
            (never, date(2021, 12, 31)),
            (long_ago, date(2024, 3, 1)),
            (long_ago, date(2024, 2, 29)),
        )
    ]

    assert ["true", "unknown", "true", "false"] == [one.verdict.value for one in met]
    assert "at least 731 days (the past is complete from 2020-01-07 on only)" in met[0].rows[0].evidence[1].stated
    assert "known for trades from 2022-01-06 on" in met[1].rows[0].evidence[1].stated
    assert "731 days (on 2022-03-01, 0009990900-22-000002)" in met[2].rows[0].evidence[1].stated


async def test_an_explanation_names_the_filings_that_decide(either: Database) -> None:
    """With the day of each trade."""
    past = filed(2, date(2024, 3, 5), sold(date(2024, 3, 4)))
    await keep(either, BEGUN, past)
    one = await subject(either, filed(3, date(2025, 3, 5), bought(date(2025, 3, 3))))
    told = explain(a_rule(days_since_sale=">= 300 days", reversal=True), one)
    stated = [evidence.stated for evidence in told.rows[0].evidence]

    assert Verdict.TRUE is told.verdict
    assert [
        f"364 days (on 2024-03-04, {past.filing.accession})",
        f"yes (sale on 2024-03-04, {past.filing.accession})",
    ] == stated


async def test_an_amendment_s_rows_stand_in_place_of_those_that_it_says_again(either: Database) -> None:
    """A sale that was a purchase by mistake was none; and what a filing amends is not its own past."""
    wrong = filed(2, date(2024, 3, 5), bought(date(2024, 3, 4)))
    right = filed(
        3,
        date(2024, 4, 5),
        sold(date(2024, 3, 4)),
        document_type="4/A",
        date_of_original_submission=date(2024, 3, 5),
    )
    await keep(either, BEGUN, wrong)
    now = filed(4, date(2025, 3, 5), bought(date(2025, 3, 3)))
    mistaken = await asked(either, "days_since_purchase", now)
    await keep(either, right)

    assert Decimal(364) == mistaken
    assert AtLeast(1883) == await asked(either, "days_since_purchase", now)
    assert Decimal(364) == await asked(either, "days_since_sale", now)
    assert isinstance(await asked(either, "days_since_purchase", right), AtLeast)


async def test_habit_is_the_same_month_in_each_of_three_years(either: Database) -> None:
    """One year without it is enough; a year that the past does not have leaves it unknown."""
    years = [filed(year, date(year, 5, 20), sold(date(year, 5, 3))) for year in (2020, 2021, 2022, 2023)]
    await keep(either, BEGUN, *years)
    found = [
        await asked(either, "habit", filed(9, date(year, 5, 30), sold(date(year, 5, 28)))) for year in (2024, 2025)
    ]

    assert [Habit.ROUTINE, Habit.OPPORTUNISTIC] == found
    assert await asked(either, "habit", filed(9, date(2022, 5, 30), sold(date(2022, 5, 28)))) is None


async def test_the_past_is_complete_as_far_back_as_quarters_were_brought(either: Database) -> None:
    """Each whole, one next to the other, up to the first filing that was kept; an open gap ends that."""
    await keep(either, filed(1, date(2022, 1, 3), a_row()), filed(2, date(2025, 1, 2), a_row()))
    now = filed(3, date(2025, 3, 5), bought(date(2025, 3, 3)))
    started = datetime(2025, 1, 2, 9, tzinfo=UTC)
    async with either.transaction() as tx:
        await tx.execute(text("UPDATE marks SET at = (SELECT max(known) FROM history_filings) WHERE name LIKE 'hist%'"))
        for name in ("2024q4", "2024q2", "2024q1", "2025q1"):
            done = {"name": name, "digest": name, "started": started, "finished": None if "4q4" in name else started}
            await tx.execute(history_sets.insert(), done | {"filings": 0, "rows": 0})
    apart = (await before(either, [now], LATER))[now.filing.accession].complete
    async with either.transaction() as tx:
        await tx.execute(history_sets.update().where(history_sets.c.name == "2024q4").values(finished=started))
    one_more = (await before(either, [now], LATER))[now.filing.accession].complete
    then = (await before(either, [now], started - timedelta(days=1)))[now.filing.accession].complete
    async with either.transaction() as tx:
        missing = {"recorded": started, "after": started, "before": started + timedelta(days=40), "cause": "test"}
        await tx.execute(gaps.insert(), missing)
    open_gap = (await before(either, [now], LATER))[now.filing.accession].complete

    assert [date(2025, 1, 1), date(2024, 10, 1), None, date(2025, 2, 12)] == [apart, one_more, then, open_gap]


async def test_the_matcher_knows_what_stands_before_in_the_same_batch(database: Database) -> None:
    """And nothing is looked up while no rule asks."""
    first, second = (
        filed(2, date(2024, 3, 5), sold(date(2024, 3, 4))),
        filed(3, date(2025, 3, 5), bought(date(2025, 3, 3))),
    )
    await keep(database, BEGUN)
    records = [
        Record(topic=Topic.PARSED, partition=0, offset=place, key="k", id=str(place), headers={}, value=encode(one))
        for place, one in enumerate((first, second))
    ]
    rung = {}
    for asked_for in ({"days_since_sale": "364 days"}, {"when": "days_since_sale >= 364"}, {"value": "> $1"}):
        book = Rulebook.of(rules({"all": {"channels": "desk", "kinds": "purchase"} | asked_for}, {}, {"desk"}))
        step = MatcherStep(lambda book=book: book, lambda: LATER, Unwatched())  # type: ignore[misc]
        await step.recall(database, records)
        rung[next(iter(asked_for))] = ([len(step.read(record).events) for record in records], book.rules.asks_past)

    assert {"days_since_sale": ([0, 1], True), "when": ([0, 1], True), "value": ([0, 1], False)} == rung


async def test_history_that_alerts_nobody_is_looked_up_for_previews_alone(database: Database) -> None:
    """How it would have fared can be asked; the matcher has no use for it."""
    await keep(database, BEGUN)
    old = filed(2, date(2025, 3, 5), bought(date(2025, 3, 3)))
    old = replace(old, filing=replace(old.filing, provenance=Provenance(history=True)))
    record = Record(topic=Topic.PARSED, partition=0, offset=1, key="k", id="i", headers={}, value=encode(old))

    book = RuleSet([a_rule(days_since_purchase="> 365 days").rule])
    (read,) = (await recalled(database, [record], LATER, book, Horizons())).values()

    assert read.subject.past is None
    assert isinstance(await asked(database, "days_since_purchase", old), AtLeast)


async def test_of_joint_owners_one_and_the_same_can_be_asked_for(database: Database) -> None:
    """Together they sold when the last of them did; with `per: owner` each has a past of its own."""
    first, second = OWNERS[:2]
    one = filed(2, date(2024, 3, 5), sold(date(2024, 3, 4)), reporting_owners=(first,))
    two = filed(3, date(2025, 2, 5), sold(date(2025, 2, 3)), reporting_owners=(second,))
    await keep(database, BEGUN, one, two)
    both = await subject(
        database, filed(4, date(2025, 3, 5), bought(date(2025, 3, 3)), reporting_owners=(first, second))
    )

    assert Decimal(28) == value("days_since_sale", both, both.facts[0])
    assert a_rule(days_since_sale=">= 300").matches(both) is None
    assert a_rule(days_since_sale=">= 300", per="owner").matches(both)


async def test_what_came_here_later_was_not_known(either: Database) -> None:
    """A filing that EDGAR accepted before, and that an index found after this one was matched: `why` leaves it out."""
    late = filed(2, date(2024, 3, 5), bought(date(2024, 3, 4)))
    now = filed(3, date(2025, 3, 5), bought(date(2025, 3, 3)))
    await keep(either, BEGUN, late)
    matched = datetime(2025, 3, 5, 18, tzinfo=UTC)
    held = Matching(accession=late.filing.accession, revision=Revision(1), at=matched + timedelta(hours=9), times=None)
    async with either.transaction() as tx:
        await matchings.add(tx, [held])

    assert isinstance(await asked(either, "days_since_purchase", now, matched), AtLeast)
    assert Decimal(364) == await asked(either, "days_since_purchase", now)


async def test_a_document_that_came_later_does_not_hide_what_a_set_had_said(either: Database) -> None:
    """Which of the two is the better one is a matter of when it is asked."""
    bought_then, sold_instead = bought(date(2024, 3, 4)), sold(date(2024, 3, 4))
    await keep(either, BEGUN, filed(2, date(2024, 3, 5), bought_then))
    matched, later = datetime(2025, 3, 5, 18, tzinfo=UTC), datetime(2025, 3, 6, tzinfo=UTC)
    brought = await an_empty_set(either, "2024q1", matched)
    async with either.transaction() as tx:
        for table in ("filings", "owners", "rows"):
            await tx.execute(text(f"UPDATE history_{table} SET source = 1 WHERE filing >= 3400000000000000"))
        await tx.execute(text(f"UPDATE history_filings SET brought = {brought} WHERE source = 1"))
    document = filed(2, date(2024, 3, 5), sold_instead)
    await keep(either, document)
    async with either.transaction() as tx:
        held = Matching(accession=document.filing.accession, revision=Revision(1), at=later, times=None)
        await matchings.add(tx, [held])
    now = filed(3, date(2025, 3, 5), bought(date(2025, 3, 3)))

    assert Decimal(364) == await asked(either, "days_since_purchase", now, matched)
    assert Decimal(364) == await asked(either, "days_since_sale", now)
    assert isinstance(await asked(either, "days_since_purchase", now), AtLeast)


async def test_what_is_learnt_later_of_how_far_back_the_past_is_whole_changes_nothing(either: Database) -> None:
    """The matcher looked at a quarter that was brought; the same quarter, brought again, is of a later day."""
    others = {"reporting_owners": OWNERS[3:]}
    await keep(either, filed(1, date(2022, 1, 3), a_row(), **others), filed(2, date(2025, 1, 2), a_row(), **others))
    began, matched = datetime(2025, 1, 2, 9, tzinfo=UTC), datetime(2025, 3, 5, 18, tzinfo=UTC)
    async with either.transaction() as tx:
        await tx.execute(marks.update().where(marks.c.name == PAST).values(at=began))
    await an_empty_set(either, "2025q1", began)
    now = filed(3, date(2025, 3, 5), bought(date(2025, 3, 3)))
    record = Record(topic=Topic.PARSED, partition=0, offset=0, key="k", id="i", headers={}, value=encode(now))
    made = rules({"first": {"channels": "desk", "days_since_purchase": "> 60 days"}}, {}, {"desk"})
    book = Rulebook.of(made)
    step = MatcherStep(lambda: book, lambda: matched, Unwatched())
    await step.recall(either, [record])
    live = step.read(record)
    async with either.transaction() as tx:
        tx.emit(parsed_event(now, matched))
        await step.write(tx, [live])
        await tx.execute(history_sets.update().values(finished=matched + timedelta(days=1)))
    why = await subject_of(either, now.filing.accession, made, matched)

    assert why is not None
    assert 1 == len(live.events)
    assert AtLeast(62) == value("days_since_purchase", why, why.facts[0])
    assert AtLeast(60) == await asked(either, "days_since_purchase", now, matched)


@pytest.mark.parametrize(("day", "earlier"), [("2025-08-31", "2024-02-29"), ("2025-01-15", "2023-07-15")])
def test_months_are_of_the_calendar(day: str, earlier: str) -> None:
    """The last day stands for one that a month has not."""
    assert date.fromisoformat(earlier) == months_before(date.fromisoformat(day), 18)
