"""One trade is one trade, however many filings tell of it; and what is done to several people alike is several."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from bench.trades import alike, figures
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.matcher.trade import Trades, id_of, one_trade, trade_of
from consumers.matcher.trading import told_again
from service.model.alert import Alert
from service.model.filing import Accession, Cik, Times
from service.model.ownership import Issuer, OwnershipForm
from service.model.parsed import ParsedFiling
from service.model.past import Past
from service.model.trade import trade_id
from service.store import Database, events, history
from service.vitals import Unwatched
from service.wire import decode, encode
from service.wire.topics import Record, Topic
from tests.kit import datasets
from tests.kit.documents import DISPOSED, a_document, a_filing, a_row, a_rule, an_option, an_owner

INDIRECT = {"direct_or_indirect_ownership": OwnershipForm.INDIRECT}
DAY = date(2025, 3, 3)
FUND, PARTNER = (
    an_owner("SPONSOR FUND IV, L.P.", "0009800010", is_ten_percent_owner=True),
    an_owner("PARTNER PAT", "0009800011", is_director=True),
)
DIRECTORS = [an_owner(f"DIRECTOR {number}", f"000980002{number}", is_director=True) for number in range(3)]


def filed(number: int, *rows: Any, owners: Sequence[Any] = (FUND,), **fields: Any) -> ParsedFiling:
    """What EDGAR accepted on the day after the trade, in the order of the numbers."""
    known = datetime(2025, 3, 4, 15, tzinfo=UTC) + timedelta(minutes=number)
    filing = a_filing(
        accession=Accession(f"0009990900-25-{number:06d}"),
        form=fields.get("document_type", "4"),
        filed_on=date(2025, 3, 4),
        times=Times(accepted=known),
    )
    return ParsedFiling(filing=filing, document=a_document(*rows, reporting_owners=tuple(owners), **fields))


def past(parsed: ParsedFiling) -> Past:
    return history.past_of(parsed, datetime(2030, 1, 1, tzinfo=UTC))


def one(*parsed: ParsedFiling) -> bool:
    """Whether both tell of one trade, whichever is asked."""
    first, second = (Trades.of(past(of)) for of in parsed)
    assert one_trade(first, second) is one_trade(second, first)
    return one_trade(first, second)


def owned(after: str | None, **fields: Any) -> Any:
    return {"shares_owned_following_transaction": after and Decimal(after)} | fields


def sold(after: str | None = "54000", **fields: Any) -> Any:
    return a_row("S", **(DISPOSED | owned(after) | fields))


SOLD = sold(**INDIRECT)


@pytest.mark.parametrize(
    ("told", "again", "same"),
    [
        ("the fund directly", "its partner through the fund", True),
        ("each through the fund", "with the same left", True),
        ("each through the fund", "with something else left", False),
        ("another price", "of the same number", False),
        ("two funds", "each directly, nothing left", False),
    ],
)
def test_a_sponsors_companies_and_partners_tell_of_one_trade(told: str, again: str, same: bool) -> None:
    """Of two who do exactly the same, one reports what the other holds if both have the same left."""
    rows = {
        "the fund directly": (sold(), SOLD),
        "each through the fund": (SOLD, SOLD if again == "with the same left" else sold("53000", **INDIRECT)),
        "another price": (SOLD, sold(**INDIRECT, transaction_price_per_share=Decimal("10.01"))),
        "two funds": (sold("0"), sold("0")),
    }[told]

    assert same is one(filed(1, rows[0]), filed(2, rows[1], owners=(PARTNER,)))


def test_what_is_left_says_little_where_many_can_have_it() -> None:
    """Nothing, or what was bought just now: then one of the two must be a sponsor, or be among the owners of both."""
    bought = a_row(**owned("1000"))
    through = a_row(**owned("1000"), **INDIRECT)
    trusts = [filed(number, row, owners=(DIRECTORS[number],)) for number, row in enumerate((bought, through))]
    sponsors = filed(3, bought), filed(4, through, owners=(PARTNER,))
    joint = filed(5, bought, owners=(DIRECTORS[0],)), filed(6, bought, owners=(DIRECTORS[0], DIRECTORS[1]))

    assert [False, True, True] == [one(*trusts), one(*sponsors), one(*joint)]


@pytest.mark.parametrize("row", [an_option(**owned("9000")), a_row("A", price="0", **owned("9000")), a_row("D")])
def test_what_a_company_does_to_several_people_alike_is_several_trades(row: Any) -> None:
    """Directors are granted the same on the same day and then hold the same; so it is with a fund beside each, too."""
    apart = filed(1, row, owners=DIRECTORS[:1]), filed(2, row, owners=DIRECTORS[1:2])
    beside = filed(3, row, owners=(DIRECTORS[0], FUND)), filed(4, row, owners=(DIRECTORS[1], FUND))
    again = filed(5, row, owners=(DIRECTORS[0], FUND)), filed(6, row, owners=(FUND, DIRECTORS[0]))

    assert [False, False, True] == [one(*apart), one(*beside), one(*again)]


def test_spouses_report_what_vests_to_each_other() -> None:
    """Directly to one and indirectly to the other, and the same is left; to two directors it is direct."""
    vested, hers = a_row("M", **owned("2324")), a_row("M", **owned("2324"), **INDIRECT)
    first = filed(1, vested, owners=DIRECTORS[:1])

    assert one(first, filed(2, hers, owners=DIRECTORS[1:2]))
    assert not one(first, filed(2, vested, owners=DIRECTORS[1:2]))


def test_a_filing_that_was_full_goes_on_in_another() -> None:
    """Of the same owners, with the same security, day and code; a filing with room for more has said all."""
    rows = [sold(str(90_000 - number), shares=str(1 + number)) for number in range(35)]
    other = a_row("S", **DISPOSED, transaction_date=DAY - timedelta(days=1))

    assert one(filed(1, *rows[:30]), filed(7, *rows[30:]))
    assert not one(filed(1, *rows[:29]), filed(7, *rows[30:]))
    assert not one(filed(1, *rows[:30]), filed(7, *rows[30:], owners=(PARTNER,)))
    assert not one(filed(1, *rows[:30]), filed(7, other))


def test_more_owners_than_a_form_has_room_for_are_in_another() -> None:
    """Ten stand in the first, with the same rows as in the second."""
    owners = [an_owner(f"FUND {number}", f"00098001{number:02d}", is_ten_percent_owner=True) for number in range(13)]
    rows = sold("0"), sold("7")

    assert one(filed(1, *rows, owners=owners[:10]), filed(2, *rows, owners=owners[10:]))
    assert not one(filed(1, *rows, owners=owners[:9]), filed(2, *rows, owners=owners[10:]))
    assert not one(filed(1, *rows, owners=owners[:10]), filed(2, rows[0], owners=owners[10:]))


def test_an_amendment_tells_of_the_trade_that_it_corrects() -> None:
    """It names the day of the original, and has the same owner, security and trade, with another number, say."""
    said = {"document_type": "4/A", "date_of_original_submission": date(2025, 3, 4)}
    original, corrected = filed(1, SOLD), sold("54001", shares="999")

    assert one(original, filed(2, corrected, **said))
    assert not one(original, filed(2, corrected, owners=(PARTNER,), **said))
    assert not one(original, filed(2, corrected, **(said | {"date_of_original_submission": date(2025, 3, 5)})))


def test_another_company_is_another_trade_and_holdings_are_none() -> None:
    """And a row whose day is missing, or years before its filing, tells of nothing that others could tell of."""
    elsewhere = {"issuer": Issuer(issuer_cik=Cik("0009900009"))}
    long_ago = sold(**INDIRECT, transaction_date=date(2023, 3, 16))

    assert not one(filed(1, SOLD), filed(2, SOLD, **elsewhere))
    assert not one(filed(1, long_ago), filed(2, long_ago))
    assert not one(filed(1), filed(2))


def test_a_set_rounds_and_a_document_does_not() -> None:
    """The same row from both is the same."""
    exact = sold("54000.1275", **INDIRECT, transaction_price_per_share=Decimal("10.1234"))
    rounded = sold("54000.13", **INDIRECT, transaction_price_per_share=Decimal("10.12"))

    assert one(filed(1, exact), filed(2, rounded, owners=(PARTNER,)))


def test_the_id_is_that_of_the_first_filing_known_in_whatever_order_they_come() -> None:
    """Who stands between two brings them together, from then on."""
    chain = [
        filed(1, sold("1", **INDIRECT), owners=(DIRECTORS[0],)),
        filed(2, sold("2", **INDIRECT), owners=(DIRECTORS[1],)),
        filed(3, sold("1", **INDIRECT), sold("2", **INDIRECT), owners=(DIRECTORS[2],)),
        filed(4, sold("2", **INDIRECT), owners=(FUND,)),
    ]
    for order in permutations(Trades.of(past(parsed)) for parsed in chain):
        ids = {told.past.accession[-1]: id_of(told, order)[-1] for told in order}
        assert {"1": "1", "2": "2", "3": "1", "4": "1"} == ids
        assert "1234" == "".join(told.past.accession[-1] for told in trade_of(order[0], order))


def read(step: MatcherStep, parsed: Sequence[ParsedFiling]) -> list[Any]:
    records = (
        Record(topic=Topic.PARSED, partition=0, offset=place, key="k", id=str(place), headers={}, value=encode(one))
        for place, one in enumerate(parsed)
    )
    return [step.read(record) for record in records]


async def rung(database: Database, *batches: Sequence[ParsedFiling]) -> dict[str, str | None]:
    """The trade that each alert names, by its filing."""
    return {one.filing.accession: one.trade_id for one in await alerts(database, *batches)}


async def alerts(database: Database, *batches: Sequence[ParsedFiling]) -> list[Alert]:
    """What is rung for each batch."""
    book = Rulebook.of([a_rule().rule])
    step = MatcherStep(lambda: book, lambda: datetime.now(UTC), Unwatched())
    for batch in batches:
        async with database.transaction() as tx:
            await step.write(tx, read(step, batch))
    return [decode(one.value, Alert) for one in await events.read(database, Topic.ALERTS, 0, 1000)]


def a_market(seed: int) -> list[ParsedFiling]:
    """Trades of three companies, each told in up to three filings."""
    chance, made = random.Random(seed), list[ParsedFiling]()
    for number in range(60):
        issuer = Issuer(issuer_cik=Cik(f"000990000{number % 3}"))
        after = str(chance.randint(5000, 5009))
        owners = chance.choice(((FUND,), (PARTNER,), (FUND, PARTNER), (DIRECTORS[number % 3],)))
        made.append(filed(number, sold(after, **INDIRECT), owners=owners, issuer=issuer))
    return made


async def test_alerts_of_one_trade_carry_its_id(either: Database) -> None:
    """From whichever filing, in one batch or in several; the other of a company's trades has its own."""
    fund, partner = filed(1, sold()), filed(2, SOLD, owners=(PARTNER,))
    other, later = filed(3, a_row(), owners=(PARTNER,)), filed(4, SOLD, owners=(PARTNER, DIRECTORS[0]))
    first = trade_id(fund.filing.accession)
    told = await rung(either, [fund, partner, other], [later])
    found = await told_again_of(either, partner)

    assert {
        fund.filing.accession: first,
        partner.filing.accession: first,
        other.filing.accession: trade_id(other.filing.accession),
        later.filing.accession: first,
    } == told
    assert (first, [fund.filing.accession, partner.filing.accession, later.filing.accession]) == found


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_an_alert_on_a_trade_that_its_rule_has_told_follows_the_first(either: Database, together: bool) -> None:
    """Whichever filing it is on."""
    fund, partner, third = filed(1, sold()), filed(2, SOLD, owners=(PARTNER,)), filed(3, SOLD, owners=(PARTNER,))
    batches = [[fund, partner, third]] if together else [[fund], [partner], [third]]
    first, *others = await alerts(either, *batches)

    assert (None, None) == (first.follows, first.first_told_by)
    assert [first.id] * 2 == [one.follows for one in others]
    assert [fund.filing.accession] * 2 == [one.first_told_by for one in others]
    assert [False, True, True] == [one.repeats for one in (first, *others)]


async def told_again_of(database: Database, parsed: ParsedFiling) -> tuple[str, list[str]]:
    async with database.reading() as connection:
        trade, filings = await told_again(connection, past(parsed))
    return trade, [one.accession for one in filings]


async def test_a_filing_that_cannot_be_compared_is_a_trade_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its alert comes, and those of the others in its batch."""
    made = Trades.of

    def failing(one: Past) -> Trades:
        if one.accession.endswith("2"):
            raise ZeroDivisionError
        return made(one)

    monkeypatch.setattr(Trades, "of", failing)
    parsed = [filed(number, SOLD, owners=(owner,)) for number, owner in enumerate((FUND, PARTNER, DIRECTORS[0]), 1)]
    told = await rung(database, parsed)

    assert ["1", "2", "1"] == [str(trade)[-1] for trade in told.values()]


async def test_ids_are_the_same_in_whatever_order_companies_and_batches_come(database: Database) -> None:
    """Within a company the order is that of the feed; a replay asks when all is there."""
    market = a_market(1)
    batches = [market[start : start + 7] for start in range(0, len(market), 7)]
    live = await rung(database, *batches)
    replayed = {one.filing.accession: (await told_again_of(database, one))[0] for one in market}
    by_company = sorted(market, key=lambda one: one.document.issuer.issuer_cik, reverse=True)
    told = [Trades.of(past(one)) for one in by_company]

    assert replayed == live
    assert {one.past.accession: id_of(one, told) for one in told} == live
    assert 10 < len(set(live.values())) < 50


def test_of_the_secs_rows_grants_stay_apart_and_chains_come_together() -> None:
    """On half a quarter; as `python -m bench.trades` prints it; here with -s."""
    found = alike(datasets.datasets())
    print(*figures(found), sep="\n")
    kinds = {kind: [one for one in found if one.kind == kind] for kind in {one.kind for one in found}}
    chains = kinds["indirect chains"]

    assert all(one.apart for one in kinds["grants, alike"])
    assert all(one.apart for one in kinds["own dealings, each direct"])
    assert len(kinds["grants, alike"]) > 400
    assert sum(one.joined for one in chains) >= Decimal("0.95") * len(chains) > 50
