"""A rule held against the past: what the live matcher would have done, no more and nothing earlier."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.matcher.match import CompiledRule
from consumers.matcher.sought import TRAITS_OF_KIND, sought
from consumers.matcher.subject import Subject
from consumers.parser import parse
from service.clock import SystemClock
from service.control import backtest as control
from service.control.backtest import backtest
from service.control.backtests import Backtests
from service.control.comparing import difference
from service.control.spread import bars, stretch
from service.control.tallied import Backtest
from service.history.importing import Importer
from service.history.sets import Set
from service.model import calendar
from service.model.errors import Faulty, UnusableDocument
from service.model.fact import Kind
from service.model.filing import Accession, Cik
from service.model.identity import DEFAULT
from service.model.ownership import AcquiredDisposed, Issuer
from service.model.trait import traits_of
from service.store import Database
from tests.control.desk import CHANNEL, Floor
from tests.control.filed import END, START, bought, filed, keep
from tests.kit.corpus import DOCUMENTS, corpus
from tests.kit.documents import a_document, a_filing, a_row, a_rule, an_option, an_owner
from tests.kit.filings import now
from tests.kit.quarters import a_quarter, an_empty_set
from tests.matcher.pairs import a_chance_subject

OTHERS = Issuer(issuer_cik=Cik("0009900002"), issuer_name="OTHER CORP", issuer_trading_symbol="Nyse: OTH/A")


_DRAFT = {"kinds": "purchase", "channels": ["desk"]}


async def _asking(database: Database, folder: Path) -> Backtests:
    """Where people ask, in a workspace with a channel."""
    floor = Floor(database, folder)
    await (await floor.desk()).add(CHANNEL, "desk", type="slack", url="https://hooks.slack.com/services/T0/B0/X")
    return Backtests(database, floor.vault, SystemClock())


async def tried(database: Database, rule: CompiledRule, **limits: Any) -> Backtest:
    return await backtest(database, rule, START, END, SystemClock(), **limits)


async def test_it_tells_when_and_for_whom_it_would_have_rung(either: Database) -> None:
    """By days in New York; of those that are looked at only what can be met is read."""
    days = [date(2023, 5, 1), date(2023, 5, 1), date(2024, 2, 7)]
    made = [filed(number, day, bought(day, "50")) for number, day in enumerate(days)]
    small, sale = filed(10, days[0], bought(days[0])), filed(11, days[0], a_row("S", "1000", "50"))
    early = filed(12, date(2022, 12, 31), bought(date(2022, 12, 31), "50"))
    joint = filed(
        13, date(2024, 2, 8), bought(date(2024, 2, 8), "50"), reporting_owners=(an_owner(), an_owner("B", "0009800002"))
    )
    await keep(either, *made, small, sale, early, joint)
    found = await tried(either, a_rule(kinds="purchase", value=">= $20,000"))

    assert (6, 5, 4, 0, 0) == (found.filings, found.held, found.rang, found.failed, found.unknown_count)
    assert {date(2023, 5, 1): 2, date(2024, 2, 7): 1, date(2024, 2, 8): 1} == found.by_day
    assert [one.filing.accession for one in (joint, made[2], made[1], made[0])] == list(found.rings)
    assert [("EXAMPLE CORP", 4)] == [(one.name, one.rings) for one in found.companies]
    assert [4, 1] == [one.rings for one in found.people]
    assert (date(2023, 5, 1), 2, 3) == (found.noise.busiest, found.noise.on_busiest, found.noise.days_with)
    assert "bought 1,000 shares" in found.latest[0].headline
    assert (None, early.filing.times.accepted) == (found.reached, found.oldest)


@pytest.mark.parametrize(
    ("since", "until"),
    [(None, date.max), (date.min, None), (date.min, date.max), (date(2020, 1, 1), date(9999, 12, 31))],
)
async def test_a_time_beyond_edgars_is_cut_to_it(
    database: Database, tmp_path: Path, since: date | None, until: date | None
) -> None:
    """The year 9999 has two million business days to count, and the year 1 none before it."""
    asked = [None if day is None else calendar.at(day, calendar.MIDNIGHT) for day in (since, until)]
    found = await (await _asking(database, tmp_path)).of_draft(DEFAULT, "draft", _DRAFT, *asked)

    assert date(1993, 1, 1) <= calendar.eastern_day(found.since) < calendar.eastern_day(found.until)
    assert found.until <= now()


async def test_a_time_before_edgar_is_empty(database: Database, tmp_path: Path) -> None:
    """It is refused in words."""
    book = await _asking(database, tmp_path)
    with pytest.raises(Faulty, match="it must be before until"):
        await book.of_draft(DEFAULT, "draft", _DRAFT, *[datetime(1, 1, 1, tzinfo=UTC)] * 2)


async def test_what_nothing_could_tell_is_counted_by_claim_and_time(either: Database) -> None:
    """A price that only a footnote states."""
    days = [date(2023, 5, 1), date(2024, 2, 7), date(2024, 3, 1)]
    await keep(either, *(filed(number, day, bought(day, None)) for number, day in enumerate(days[:2])))  # type: ignore[arg-type]
    await keep(either, filed(3, days[2], bought(days[2], "50")))
    found = await tried(either, a_rule(kinds="purchase", value=">= $20,000"))

    assert (1, 2) == (found.rang, found.unknown_count)
    assert [("value >= $20,000", 2, days[0], days[1])] == [
        (one.claim, one.filings, one.first, one.last) for one in found.unknown
    ]


async def test_what_came_later_is_not_known(either: Database) -> None:
    """The past of a filing ends where that begins, whatever the database has by now, and in whatever order it came."""
    days = [date(2023, 3, 1), date(2023, 9, 1), date(2024, 3, 1)]
    made = [filed(number, day, bought(day)) for number, day in enumerate(days)]
    await keep(either, made[2])
    await keep(either, made[0])
    await keep(either, made[1])
    rule = a_rule(kinds="purchase", days_since_purchase="<= 200")
    unsure = await tried(either, rule)
    for year in (2022, 2023):
        for quarter in (1, 2, 3, 4):
            await an_empty_set(either, f"{year}q{quarter}", now())
    whole = await tried(either, rule)

    assert (0, 3) == (unsure.rang, unsure.unknown_count)
    assert [made[1].filing.accession] == list(whole.rings)
    assert [(2, days[0], days[2])] == [(one.filings, one.first, one.last) for one in whole.unknown]


async def test_a_filing_of_two_sources_counts_once(database: Database, tmp_path: Path) -> None:
    """As EDGAR served it; and one of a set is known when EDGAR has closed, with its past before it."""
    quarter = a_quarter(40)
    filed_first = quarter.tables["SUBMISSION"][0]
    await Importer(database, now, lambda _: None).bring(Set(quarter.zipped(tmp_path / "2024q3.zip")))
    before = await tried(database, a_rule(**{"not": {"kinds": "gift"}}))
    day = datetime.strptime(filed_first["FILING_DATE"], "%d-%b-%Y").date()  # noqa: DTZ007
    one = filed(1, day, bought(day))
    twice = replace(one, filing=replace(one.filing, accession=Accession(filed_first["ACCESSION_NUMBER"])))
    await keep(database, twice)
    after = await tried(database, a_rule(**{"not": {"kinds": "gift"}}))

    assert [(40, 40, 40), (40, 1, 1)] == [(one.filings, one.held, one.kept) for one in (before, after)]
    assert twice.filing.times.accepted == after.rings[twice.filing.accession]


async def test_it_stops_when_it_is_asked_to_or_time_is_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it has found so far, the latest first, and how far back that reaches."""
    monkeypatch.setattr(control, "_PIECE", 10)
    first = date(2023, 1, 2)
    made = [filed(number, first + timedelta(days=number), bought(first)) for number in range(100)]
    await keep(database, *made)
    seen: list[tuple[int, int]] = []
    rule = a_rule(kinds="purchase")
    stopped = await tried(
        database, rule, tell=lambda done, total: seen.append((done, total)), stopped=lambda: len(seen) == 3
    )
    late = await tried(database, rule, seconds=-1)

    assert [(10, 100), (20, 100), (30, 100)] == seen
    assert (30, 30, made[70].filing.times.accepted) == (stopped.rang, stopped.filings, stopped.reached)
    assert (0, 0, END) == (late.rang, late.filings, late.reached)


async def test_a_rule_that_fails_on_a_filing_is_told_of_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And rings for the others."""
    days = [date(2023, 5, 1), date(2023, 6, 1)]
    await keep(database, *(filed(number, day, bought(day)) for number, day in enumerate(days)))
    matches = CompiledRule.matches

    def failing(rule: CompiledRule, subject: Subject) -> Any:
        if subject.filed_on == days[0]:
            raise ZeroDivisionError
        return matches(rule, subject)

    monkeypatch.setattr(CompiledRule, "matches", failing)
    found = await tried(database, a_rule(kinds="purchase"))

    assert (1, 1) == (found.rang, found.failed)


async def test_companies_are_found_by_what_their_symbol_boxes_said(either: Database) -> None:
    """As watchlists find them: by the symbol however it was filed, and by CIK."""
    day = date(2023, 5, 1)
    ours, others = filed(1, day, bought(day)), filed(2, day, bought(day), issuer=replace(OTHERS, symbols=("OTH.A",)))
    await keep(either, ours, others)
    by_ticker = await tried(either, a_rule({"l": {"tickers": ["OTH"]}}, watchlist="l"))
    by_cik = await tried(either, a_rule({"l": {"ciks": [9900001], "owners": ["9800077"]}}, watchlist="l"))
    by_owner = await tried(either, a_rule({"l": {"owners": ["9800001"]}}, watchlist="l"))
    nobody = await tried(either, a_rule({"l": {"tickers": ["NOBODY"]}}, watchlist="l"))

    assert [[others.filing.accession], [ours.filing.accession], []] == [
        list(one.rings) for one in (by_ticker, by_cik, nobody)
    ]
    assert [1, 1, 2, 0] == [one.held for one in (by_ticker, by_cik, by_owner, nobody)]


async def test_two_forms_of_a_rule_are_compared_filing_by_filing(database: Database) -> None:
    """Where one was stopped, only what both have looked at counts."""
    days = [date(2023, 5, 1) + timedelta(days=number) for number in range(4)]
    made = [filed(number, day, bought(day, str(10 * (number + 1)))) for number, day in enumerate(days)]
    await keep(database, *made)
    rules = a_rule(kinds="purchase", value=">= $15,000"), a_rule(kinds="purchase", value="<= $30,000")
    found = await tried(database, rules[0]), await tried(database, rules[1])
    whole = await difference(database, rules, found, now())
    part = await difference(
        database, rules, (replace(found[0], reached=made[1].filing.times.accepted), found[1]), now()
    )

    assert (2, 1, 1) == (whole.both, whole.only_first_count, whole.only_second_count)
    assert [made[3].filing.accession] == [one.accession for one in whole.only_first]
    assert [made[0].filing.accession] == [one.accession for one in whole.only_second]
    assert (2, 1, 0) == (part.both, part.only_first_count, part.only_second_count)


def _subjects(documents: Sequence[Any]) -> list[Subject]:
    return [Subject.of(a_filing(), one) for one in documents]


def test_a_row_of_any_kind_leaves_a_trait_of_it() -> None:
    """Whatever tells the kind besides the code: over the corpus, and rows by chance."""
    documents = []
    for path in sorted(path for folder in DOCUMENTS for path in (corpus() / folder).iterdir()):
        try:
            documents.append(parse(path.read_bytes()))
        except UnusableDocument:
            continue
    chance, swap = random.Random(1), {"equity_swap_involved": True}
    taken = {"transaction_acquired_disposed_code": AcquiredDisposed.DISPOSED}
    gone = taken | {"shares_owned_following_transaction": Decimal(0)}
    documents += [a_chance_subject(chance).document for _ in range(500)]
    documents += [
        a_document(make(code, **more))
        for make in (a_row, an_option)
        for code in "PSVADFIMCEHOXGLWZJKU"
        for more in ({}, swap, taken, gone)
    ]
    seen = set[Kind]()
    for subject in _subjects(documents):
        for fact in subject.facts:
            seen |= set(fact.kinds)
            assert all(TRAITS_OF_KIND[kind] & traits_of(subject.document) for kind in fact.kinds)

    assert set(Kind) - seen <= {Kind.DEFERRAL, Kind.DIVIDEND_EQUIVALENT, Kind.CONVERTIBLE, Kind.PARTNERSHIP_UNIT}


def test_only_what_is_never_unknown_leaves_filings_out() -> None:
    """A number may be unknown; so may a claim in a group of which another part is on a number."""
    clauses = [
        sought(a_rule(**asked).key)
        for asked in (
            {"value": ">= 5"},
            {"not": {"kinds": "sale"}},
            {"any_of": [{"kinds": "purchase"}, {"value": ">= 5"}]},
            {"any_of": [{"kinds": "purchase"}, {"amendments": "only"}]},
            {"kinds": ["purchase", "sale"], "value": ">= 5", "amendments": "exclude"},
        )
    ]

    assert [0, 0, 0, 1, 1] == [len(one) for one in clauses]
    assert TRAITS_OF_KIND[Kind.PURCHASE] | TRAITS_OF_KIND[Kind.SALE] == clauses[4][0].traits


@pytest.mark.parametrize(
    ("days", "bar", "count", "label"),
    [
        (1, "day", 1, "2024-02-28"),
        (45, "day", 45, "2024-02-28"),
        (60, "week", 9, "2024-02-28"),
        (731, "month", 25, "2024-02"),
    ],
)
def test_years_are_drawn_in_months_and_days_one_by_one(days: int, bar: str, count: int, label: str) -> None:
    """Without a gap, and without counting any day twice."""
    first = date(2024, 2, 28)
    last = first + timedelta(days=days - 1)
    by_day = {first + timedelta(days=number): 1 for number in range(days)}
    drawn = bars(by_day, first, last)

    assert (bar, label, days) == (stretch(first, last), drawn[0].label, sum(one.count for one in drawn))
    assert [one.last + timedelta(days=1) for one in drawn[:-1]] == [one.first for one in drawn[1:]]
    assert (count, last) == (len(drawn), drawn[-1].last)
