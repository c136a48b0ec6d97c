"""Several insiders at once: who is one, what counts, when it rings, and when nobody can say."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.language.rules import rules
from consumers.matcher.explain import explain
from consumers.matcher.match import CompiledRule
from consumers.matcher.recalling import before
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.matcher.subject import Subject
from service.control.why import subject_of
from service.model import calendar
from service.model.alert import Evidence
from service.model.fact import Verdict
from service.model.filing import Accession, Times
from service.model.ownership import AcquiredDisposed, OwnershipForm
from service.model.parsed import ParsedFiling
from service.store import Database, history
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic, parsed_event
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row, a_rule, an_owner

LATER = datetime(2030, 1, 1, tzinfo=UTC)
START = date(2025, 3, 3)
A, B, C, D = (an_owner(name, f"000980010{number}") for number, name in enumerate(("ABLE", "BAKER", "COX", "DOYLE")))
CFO = an_owner("ELLIS", "0009800109", is_officer=True, officer_title="CFO")
FUND = an_owner("FUND IV, L.P.", "0009800110", is_ten_percent_owner=True)
THREE = {"insiders": 3, "within": "10d"}
BOUGHT = a_row()


def filed(day: int, owners: Sequence[Any], *rows: Any, hour: int = 17, **fields: Any) -> ParsedFiling:
    """What EDGAR accepted so many days after the third of March."""
    known = datetime(2025, 3, 3, hour, tzinfo=UTC) + timedelta(days=day)
    number = day * 100 + hour + sum(int(one.rpt_owner_cik) % 1000 for one in owners) * 10_000
    accession = Accession(f"0009990900-25-{number % 1_000_000:06d}")
    form = fields.get("document_type", "4")
    filing = a_filing(accession=accession, form=form, filed_on=calendar.dated(known), times=Times(accepted=known))
    document = a_document(*(rows or (BOUGHT,)), **({"reporting_owners": tuple(owners)} | fields))
    return ParsedFiling(filing=filing, document=document)


BEGUN = filed(-60, [an_owner("ELSE", "0009811111")], a_row("G"))


async def keep(database: Database, *parsed: ParsedFiling) -> None:
    for one in parsed:
        assert one.filing.times.accepted is not None
        async with database.transaction() as tx:
            await history.add(tx, [one], one.filing.times.accepted)


async def looked_at(database: Database, parsed: ParsedFiling, days: int = 90) -> Subject:
    found = await before(database, [parsed], LATER, days=days)
    return Subject.of(parsed.filing, parsed.document, found[parsed.filing.accession])


async def how(database: Database, rule: CompiledRule, *parsed: ParsedFiling) -> str:
    """How each fares, one after the other: + rings, - does not, ? unknown."""
    told = ""
    for one in parsed:
        await keep(database, one)
        subject = await looked_at(database, one)
        verdict = explain(rule, subject).verdict
        assert (rule.matches(subject) is not None) is (verdict is Verdict.TRUE)
        told += {Verdict.TRUE: "+", Verdict.FALSE: "-", Verdict.UNKNOWN: "?"}[verdict]
    return told


def evidence(rule: CompiledRule, subject: Subject) -> Evidence:
    return explain(rule, subject).rows[0].evidence[0]


async def test_it_rings_when_it_is_complete_and_for_each_who_joins(either: Database) -> None:
    """Not again for somebody who is in it; and once it has thinned out, for whoever completes it anew."""
    await keep(either, BEGUN)
    days = (0, [A]), (4, [B]), (5, [A]), (9, [C]), (10, [B]), (11, [D]), (30, [A]), (31, [B]), (38, [C])

    assert "---+-+--+" == await how(either, a_rule(cluster=THREE), *(filed(*one) for one in days))


async def test_the_days_are_those_of_the_filings_the_first_and_last_included(database: Database) -> None:
    """Ten days before is within ten days, eleven is not; at night counts as EDGAR dates it."""
    await keep(database, BEGUN)
    rule = a_rule(cluster={"insiders": 2, "within": "10d"})
    evening, night = filed(67, [B], hour=1), filed(116, [D], hour=3)  # in New York 21:00 and 23:00 of the day before

    assert "-+" == await how(database, rule, filed(0, [A]), filed(10, [B]))
    assert "--" == await how(database, rule, filed(30, [A]), filed(41, [B]))
    assert "-+" == await how(database, rule, filed(56, [A]), evening)
    assert "--" == await how(database, rule, filed(105, [C]), night)


async def test_of_the_same_second_the_lower_accession_goes_first(database: Database) -> None:
    """An agent files for all directors at once: the last of them completes it, whichever is asked first."""
    await keep(database, BEGUN)
    three = sorted((filed(0, [one]) for one in (A, B, C)), key=lambda one: one.filing.accession)
    await keep(database, *three[::-1])
    rule = a_rule(cluster=THREE)
    rung = [explain(rule, await looked_at(database, one)).verdict for one in three]

    assert [Verdict.FALSE, Verdict.FALSE, Verdict.TRUE] == rung


THROUGH = a_row(direct_or_indirect_ownership=OwnershipForm.INDIRECT)
PARTNER, SPOUSE = an_owner("PARTNER", "0009800120"), an_owner("SPOUSE", "0009800121")


@pytest.mark.parametrize(
    ("second", "third", "expected"),
    [
        ([B], [C], "--+"),
        ([A, B], [C], "---"),  # joint filers
        ([B, C], [C, D], "---"),  # an owner of both
        ([FUND], [PARTNER], "---"),  # the fund's purchase again, by its partner
        ([FUND], [FUND, PARTNER], "---"),
    ],
)
async def test_who_reports_together_or_the_same_trade_is_one_insider(
    database: Database, second: list[Any], third: list[Any], expected: str
) -> None:
    """Sponsors, joint filers, and whoever is in both of two filings."""
    await keep(database, BEGUN)
    rows = (THROUGH,) if FUND in second else (BOUGHT,)
    parsed = filed(0, [A], a_row(shares="7")), filed(1, second, *rows), filed(2, third, *rows)
    if FUND in second:
        parsed = tuple(owning(one, "54000") for one in parsed)

    assert expected == await how(database, a_rule(cluster=THREE), *parsed)


def owning(parsed: ParsedFiling, after: str) -> ParsedFiling:
    rows = tuple(
        replace(row, shares_owned_following_transaction=a_number(after)) for row in parsed.document.non_derivative_table
    )
    return replace(parsed, document=replace(parsed.document, non_derivative_table=rows))


def a_number(text: str) -> Any:
    return a_row(shares=text).transaction_shares


async def test_officers_are_counted_and_roles_left_out(database: Database) -> None:
    """A tick decides; one that is missing leaves it unknown, if it decides."""
    unclear = an_owner("UNCLEAR", "0009800130", is_director=True, is_ten_percent_owner=None)
    await keep(database, BEGUN)
    asked = {"insiders": 2, "within": "10d", "officers": 1, "exclude": "ten-percent-owner"}
    rule = a_rule(cluster=asked)

    assert "--+" == await how(database, rule, filed(0, [A]), filed(1, [B]), filed(2, [CFO]))
    assert "---" == await how(database, rule, filed(30, [FUND]), filed(31, [FUND]), filed(32, [CFO]))
    assert "-?+" == await how(database, rule, filed(50, [CFO]), filed(51, [unclear]), filed(52, [A]))


async def test_only_what_was_bought_counts(database: Database) -> None:
    """Or sold, if that is asked for; grants are neither, swaps are none, and a row that contradicts itself may be."""
    await keep(database, BEGUN)
    sold, granted, swapped = a_row("S", **DISPOSED), a_row("A", price="0"), a_row(equity_swap_involved=True)
    doubtful = a_row("P", transaction_acquired_disposed_code=AcquiredDisposed.DISPOSED)
    two = {"insiders": 2, "within": "10d"}

    assert "----" == await how(
        database,
        a_rule(cluster=two),
        filed(0, [A], granted),
        filed(1, [B], swapped),
        filed(2, [C], sold),
        filed(3, [D]),
    )
    assert "-?" == await how(database, a_rule(cluster=two), filed(30, [A], doubtful), filed(31, [B]))
    sale = a_rule(cluster=two | {"direction": "sell"})
    assert "--+" == await how(database, sale, filed(50, [A]), filed(51, [B], sold), filed(52, [C], sold, BOUGHT))


async def test_an_amendment_adds_nobody_and_can_take_away(database: Database) -> None:
    """What it says again was told; a purchase that was a sale is none; a purchase that it adds is one."""
    await keep(database, BEGUN)
    said = {"document_type": "4/A", "date_of_original_submission": START}
    rule = a_rule(cluster=THREE)
    again = filed(1, [A], BOUGHT, **said)
    assert "---+" == await how(database, rule, filed(0, [A]), again, filed(2, [B]), filed(3, [C]))

    was = a_row("S", **DISPOSED)
    correct = {"document_type": "4/A", "date_of_original_submission": START + timedelta(days=42)}
    parsed = filed(42, [A]), filed(43, [B]), filed(44, [A], was, **correct), filed(45, [C]), filed(46, [D])
    assert "----+" == await how(database, rule, *parsed)

    adds = {"document_type": "4/A", "date_of_original_submission": START + timedelta(days=70)}
    more = a_row(shares="5", transaction_date=START + timedelta(days=69))
    gift = filed(70, [A], a_row("G", **DISPOSED, shares="9"))
    assert "---+" == await how(database, rule, gift, filed(71, [B]), filed(72, [C]), filed(73, [A], more, **adds))
    old = filed(93, [A], BOUGHT, **said)  # of a filing long before the window
    assert "---" == await how(database, rule, filed(91, [B]), filed(92, [C]), old)


async def test_where_the_past_is_shorter_than_the_window_it_is_unknown(either: Database) -> None:
    """The explanation says from when on it is known; and what is no purchase is none, whatever was before."""
    began = filed(0, [an_owner("ELSE", "0009811111")], a_row("G"))
    await keep(either, began, filed(1, [A]), filed(2, [B]))
    rule = a_rule(cluster=THREE)
    third, fourth, gift = filed(3, [C]), filed(11, [D]), filed(4, [D], a_row("G"))
    told = evidence(rule, await looked_at(either, third)).stated

    assert "the past is complete from 2025-03-04 on only; known for filings from 2025-03-14" in told
    assert "?-+" == await how(either, rule, third, gift, fourth)


async def test_an_alert_names_people_and_filings(database: Database) -> None:
    """In words, and as a list; a filing that does not ring says who is in it, too."""
    await keep(database, BEGUN)
    parts = filed(0, [A]), filed(1, [B, CFO]), filed(2, [C])
    await keep(database, *parts)
    rule = a_rule(cluster=THREE | {"officers": 1})
    found = evidence(rule, await looked_at(database, parts[-1]))
    again = filed(3, [C])
    first, second, third = (one.filing.accession for one in parts)

    assert f"3 insiders, 1 officer bought in filings since 2025-02-23: ABLE ({first}), " in found.stated
    assert f"BAKER and ELLIS ({second}), COX ({third})" in found.stated
    assert (first, second, third) == found.filings
    assert "cluster: 3 insiders buy within 10 days (1 officer)" == found.predicate
    assert "it was complete before this filing" in evidence(rule, await looked_at(database, again)).stated
    assert "not looked at here" in evidence(rule, Subject.of(again.filing, again.document)).stated


async def test_the_matcher_looks_only_where_a_cluster_can_be(database: Database) -> None:
    """In one batch or in several; a rule that asks for none costs nothing."""
    await keep(database, BEGUN)
    parsed = [filed(0, [A]), filed(1, [B]), filed(2, [C], a_row("G")), filed(3, [C]), filed(4, [D])]
    records = [
        Record(topic=Topic.PARSED, partition=0, offset=place, key="k", id=str(place), headers={}, value=encode(one))
        for place, one in enumerate(parsed)
    ]
    section = {"any": {"channels": "desk"}, "cluster": {"channels": "desk", "cluster": THREE}}
    book = Rulebook.of(rules(section, {}, {"desk"}))
    rung = []
    for size in (5, 2):
        step = MatcherStep(lambda: book, lambda: LATER, Unwatched())
        for start in range(0, len(records), size):
            batch = records[start : start + size]
            await step.recall(database, batch)
            results = [step.read(record) for record in batch]
            rung += [len(result.events) for result in results]
            if size == 2:
                async with database.transaction() as tx:
                    await step.write(tx, results)

    assert [1, 1, 1, 2, 2] * 2 == rung
    assert 10 == book.rules.days_around
    assert not book.rules.hangs_on_past(Subject.of(parsed[2].filing, parsed[2].document))
    assert 0 == Rulebook.of(rules({"any": {"channels": "desk"}}, {}, {"desk"})).rules.days_around


async def test_why_says_what_was_so_when_it_was_matched(either: Database) -> None:
    """However many filings came since, of earlier days as well."""
    await keep(either, BEGUN)
    section = {"cluster": {"channels": "desk", "cluster": THREE}}
    every = rules(section, {}, {"desk"})
    rung, told = [], []
    for number, one in enumerate((filed(0, [A]), filed(2, [B]), filed(4, [C]), filed(3, [D]), filed(5, [A]))):
        at = LATER + timedelta(minutes=number)
        step = MatcherStep(lambda: Rulebook.of(every), lambda at=at: at, Unwatched())  # type: ignore[misc]
        record = Record(topic=Topic.PARSED, partition=0, offset=number, key="k", id="i", headers={}, value=encode(one))
        await step.recall(either, [record])
        result = step.read(record)
        rung.append(len(result.events))
        async with either.transaction() as tx:
            await step.write(tx, [result])
            tx.emit(parsed_event(one, at))
        told.append((one.filing.accession, at))
    later = [await subject_of(either, accession, every, at) for accession, at in told]
    met = [int(one is not None and CompiledRule.of(every[0]).matches(one) is not None) for one in later]

    assert [0, 0, 1, 1, 0] == rung == met
