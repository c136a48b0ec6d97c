"""Boxes that hold something else than they should: flagged, shown as filed, and unknown to rules."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.facts.boxes import BOXES, filed
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Measure
from service.model.flag import Flag, FlagCode
from service.model.ownership import OwnershipForm
from tests.kit.documents import DISPOSED, Met, a_document, a_filing, a_row, a_rule, a_subject, an_alert, an_option, met
from tests.parser.test_oddities import ODD as OF_DOCUMENTS

F = FlagCode
PRICE, STRIKE = "transaction_price_per_share", "conversion_or_exercise_price"
EXERCISE, EXPIRY = "exercise_date", "expiration_date"
UNKNOWN = Met(None, "unknown")
NOTE: dict[str, Any] = {"security_title": "Subordinated Convertible Note", "code": "P"}
RSU: dict[str, Any] = {"security_title": "Restricted Stock Units"}


def the_fact(row: Any, **fields: Any) -> Fact:
    """The fact of *row*, filed on 5 March 2025."""
    (fact,) = a_subject(row, **fields).facts
    return fact


def codes(row: Any, **fields: Any) -> dict[FlagCode, str | None]:
    """What is odd in *row*, and the box that is doubted for it."""
    return {flag.code: flag.box for flag in the_fact(row, **fields).flags}


def note(text: str, box: str = PRICE) -> tuple[dict[str, Any], dict[str, Any]]:
    """A footnote at *box* of a row, and in the document."""
    return {"footnotes": {box: ("F1",)}}, {"footnotes": {"F1": text}}


ODD: dict[FlagCode, tuple[Any, str | None]] = {
    F.NEGATIVE: (a_row("P", "-5"), "transaction_shares"),
    F.DIRECTION: (an_option("A", **DISPOSED), None),
    F.STRIKE_ZERO: (an_option("A", strike="0", footnotes={STRIKE: ("F1",)}), STRIKE),
    F.UNIT_STRIKE: (an_option("A", strike="13.80", **RSU), STRIKE),
    F.PLACEHOLDER_DATE: (an_option("A", expiration_date=date(1988, 8, 8), footnotes={EXPIRY: ("F1",)}), EXPIRY),
    F.CURRENCY: (a_row(**note("")[0]), PRICE),
    F.OTHER_UNIT: (a_row(**note("")[0]), PRICE),
    F.TRADE_AFTER_FILING: (a_row(transaction_date=date(2035, 3, 3)), "transaction_date"),
    F.IMPOSSIBLE_DATE: (a_row(transaction_date=date(22, 3, 3)), "transaction_date"),
    F.OLD_TRADE: (a_row("A", transaction_date=date(2021, 3, 3)), None),
    F.ABSURD_PRICE: (a_row("S", "15", "1230435"), PRICE),
    F.TOTAL_IN_PRICE: (
        an_option(shares="105096", strike="0.95", transaction_price_per_share=Decimal(100000), **NOTE),
        PRICE,
    ),
    F.PHANTOM_VALUE: (a_row("S", "500000000", "9000", security_title="Series A Preferred"), PRICE),
    F.COUNT_IN_VALUE: (
        an_option(shares=None, transaction_total_value=Decimal(25500), underlying_security_shares=Decimal(25500)),
        "transaction_total_value",
    ),
    F.EXPIRY_BEFORE_TRADE: (an_option("A", expiration_date=date(2025, 3, 3)), EXPIRY),
    F.UNDERLYING_MISMATCH: (
        an_option("A", "457250", underlying_security_shares=Decimal(5039236)),
        "underlying_security_shares",
    ),
    F.ZERO_SHARES: (an_option("A", "0", underlying_security_shares=Decimal(78)), "transaction_shares"),
}
"""A row for each oddity that a row alone can have."""

SAID = {F.CURRENCY: "In pesos.", F.OTHER_UNIT: "Price per ADS."}


@pytest.mark.parametrize("code", ODD)
def test_each_oddity_of_a_row_is_flagged_alone(code: FlagCode) -> None:
    """With its box, a place, and a message for a person; what the box holds is unknown, and stays as filed."""
    row, box = ODD[code]
    fact = the_fact(row, footnotes={"F1": SAID.get(code, "")})
    (flag,) = fact.flags

    assert (code, box, fact.place) == (flag.code, flag.box, flag.where)
    assert flag.message
    if box is not None:
        assert box in BOXES[fact.table]
        assert filed(fact, box) is None
        assert getattr(fact.transaction, box) is not None


def test_every_flag_that_names_a_row_is_tried_here_or_is_the_parsers() -> None:
    """A new one has its row in the list above."""
    assert {*FlagCode} == {*ODD} | {*OF_DOCUMENTS}
    assert all(code.meaning and not code.meaning.endswith(".") for code in FlagCode)


@pytest.mark.parametrize(
    "row",
    [
        a_row(),
        a_row("S", "3", "720000"),  # Berkshire Hathaway's class A
        a_row("J", "0", None),
        an_option(),
        an_option(strike="0"),  # nil-cost: no footnote says otherwise
        an_option(strike="0", footnotes={EXERCISE: ("F1",)}),
        an_option(strike=None, footnotes={STRIKE: ("F1",)}),
        an_option(strike="0", footnotes={STRIKE: ("F1",)}, **RSU),  # ordinary
        an_option("M", **DISPOSED, expiration_date=date(2025, 3, 3)),  # exercised on its last day
        an_option("P", "25", "5", underlying_security_shares=Decimal(2500)),  # contracts
        an_option("P", "5000", "11.5", underlying_security_shares=Decimal(2500), security_title="Warrants"),
        an_option("E", expiration_date=date(2025, 3, 3), **DISPOSED),
        an_option("A", exercise_date=date(2020, 1, 1)),
        an_option("P", "5000", "11.5", underlying_security_shares=Decimal(3750), security_title="Public Warrants"),
        an_option("M", "17072", **DISPOSED, underlying_security_shares=Decimal(34143)),  # split two for one, cut off
        an_option("M", security_title="Common Stock", **DISPOSED, expiration_date=date(2025, 3, 9)),
        a_row("P", "2000", "25000", security_title="Series A Preferred Stock"),
        an_option("P", "160", None, security_title="Series A Convertible Preferred", **{PRICE: Decimal(23000)}),
        an_option("P", None, "1.15", security_title="Convertible Notes", transaction_total_value=Decimal(1155000)),
        a_row(transaction_date=date(2024, 3, 6)),
    ],
)
def test_what_is_ordinary_is_not_flagged(row: Any) -> None:
    """High prices, zeros and early days that mean what they say."""
    assert {} == codes(row, footnotes={"F1": "They vest in three yearly parts."})


@pytest.mark.parametrize(
    ("row", "box"),
    [
        # notes: a total or a face value in the price box
        (an_option(shares="216000", strike="0.80", **NOTE, **{PRICE: Decimal(500000)}), PRICE),
        (an_option(shares="26273", strike="0.95", **NOTE, **{PRICE: Decimal(25000)}), PRICE),
        (an_option(shares=None, transaction_total_value=Decimal(60000), **NOTE, **{PRICE: Decimal(60000)}), PRICE),
        (an_option(shares=None, transaction_total_value=Decimal(1155000), **NOTE, **{PRICE: Decimal(1571050)}), PRICE),
        # a value is owned in place of shares
        (
            an_option(shares="10", **NOTE, value_owned_following_transaction=Decimal(9000), **{PRICE: Decimal(1000)}),
            PRICE,
        ),
        (a_row("P", "20", "5000", value_owned_following_transaction=Decimal(100000)), PRICE),
        # a sale's proceeds
        (a_row("S", "15000", "300000"), PRICE),
        (an_option("P", "20000", "5", **{PRICE: Decimal(25000)}), PRICE),
    ],
)
def test_totals_in_the_price_box_are_no_price(row: Any, box: str) -> None:
    """Five rows of a quarter read as $2 bn to $17 bn; repair would have ruined 15,822 right prices."""
    subject = a_subject(row)

    assert {F.TOTAL_IN_PRICE: box} == codes(row)
    assert Measure.PRICE not in subject.facts[0].measures
    assert UNKNOWN == met(a_rule(price=">= 1"), subject)


def test_a_price_far_above_that_of_the_same_security_is_a_total() -> None:
    """$8,203 a share beside $82.03; another security can cost what it likes."""
    usual, total = a_row("S", "15000", "82.03"), a_row("S", "100", "8203.01")
    other = a_row("S", "100", "8203.01", security_title="Series A Preferred Stock")

    assert [[], [F.TOTAL_IN_PRICE], []] == [
        [flag.code for flag in fact.flags] for fact in a_subject(usual, total, other).facts
    ]


def test_a_total_that_was_filed_stands_beside_a_doubtful_price() -> None:
    """$1,155,000 of notes are worth that, whatever their price box holds."""
    row = an_option(shares=None, transaction_total_value=Decimal(1155000), **NOTE, **{PRICE: Decimal(1571050)})

    assert Decimal(1155000) == the_fact(row).measures[Measure.VALUE]


@pytest.mark.parametrize(
    "text",
    [
        "The price is stated in the pesos in which it was paid, Mexican ones, per certificate.",
        "Price in Brazilian reais (R$).",
        "Taiwanese dollars; five of these shares stand behind one depositary share.",
        "Reported in New Taiwan Dollars.",
        "The purchase price was NT$1,200 per share.",
        "Purchased at 12.35 euros per share.",
        "€12.35",
        "The price is in Canadian dollars.",
        "Price reflects C$ 4.50.",
        "Executed on the TSX at CAD 4.50.",
        "GBP",
        "Bought at HKD25.00 on the Hong Kong exchange.",
        "EUR10.5 per share.",
        "At 250p per share.",
        "The price is quoted in GBp.",
        "Vietnamese dong; VND 25,000.",
        "Paid in Kazakhstani tenge.",
        "in Egyptian pounds",
        "The price is in Kuwaiti dinars.",
        "Peruvian soles.",
        "Stated in Barbados dollars.",
        "In pence.",
        "Ps.17.25 per share.",
        "At Mex$ 17.25.",
        "S$4.10 per share.",
        "342 pence per share.",
        "Shares were sold at HK$ 45.20.",
        "Denominated in Swiss francs.",
        "Prices are in JPY and have not been converted into U.S. dollars.",
        "The amount in Norwegian kroner is given without conversion to US dollars.",
    ],
)
@pytest.mark.parametrize("make", [a_row, an_option])
def test_an_amount_in_another_currency_is_unknown(make: Any, text: str) -> None:
    """The footnote at the box says so; a strike likewise."""
    box = PRICE if make is a_row else STRIKE
    cited, footnotes = note(text, box)
    subject = a_subject(make(**cited), **footnotes)

    assert F.CURRENCY in codes(make(**cited), **footnotes)
    assert UNKNOWN == met(a_rule(value=">= 1") if make is a_row else a_rule(exercise_value=">= 1"), subject)


@pytest.mark.parametrize(
    "text",
    [
        "The price was converted from Canadian dollars at an exchange rate of 1.36.",
        "Paid in euros and translated into U.S. dollars.",
        "The U.S. dollar equivalent of GBP 4.10 on the day of the trade.",
        "This is a weighted average price; shares were sold at prices from $9.90 to $10.10.",
        "US$ 10.00 per share.",
        "U.S.$10.00",
        "A $5.00 exercise price applies.",
        "Sold by Rand Capital to Mr. Pence and Ms. Lira.",
        "Sold by Euronet Holdings under a Rule 10b5-1 plan.",
        "The Canadian subsidiary's plan; shares vest in yearly parts.",
        "The reporting person won the shares in a real estate settlement.",
        "Bought by Dong Li and Pound Ridge Partners, a Caribbean fund, at 4:05 p.m. and 4.30pm.",
        "The price reflects SEC1 and USD10.50 per share.",
    ],
)
def test_dollars_are_dollars(text: str) -> None:
    """Converted amounts, and words that only look like currencies."""
    cited, footnotes = note(text)

    assert {} == codes(a_row(**cited), **footnotes)


def test_remarks_and_footnotes_of_the_whole_row_count_where_they_speak_of_amounts() -> None:
    """A mention alone says nothing of the price."""
    cited, footnotes = note("All prices are stated in Canadian dollars.", "security_title")
    beside, mention = note("Listed in euros on Euronext.", "security_title")

    assert F.CURRENCY in codes(a_row(**cited), **footnotes)
    assert F.CURRENCY in codes(a_row(), remarks="Amounts in this form are in Mexican pesos.")
    assert {} == codes(a_row(**beside), **mention)
    assert {} == codes(a_row(), remarks="The reporting person lives in Canada, and is paid in Canadian dollars.")
    assert {} == codes(a_row(price=None), remarks="Amounts in this form are in Mexican pesos.")


def test_currencies_are_told_row_by_row() -> None:
    """ADS in dollars stand beside ordinary shares in NT$; one row's footnote says nothing of the other."""
    cited, footnotes = note("Taiwanese dollars.")
    subject = a_subject(
        a_row("P", "10", "200", security_title="American Depositary Shares"), a_row(**cited), **footnotes
    )

    assert [True, False] == [Measure.VALUE in fact.measures for fact in subject.facts]


@pytest.mark.parametrize(
    ("text", "title", "odd"),
    [
        ("Price per ADS.", "Ordinary Shares", True),
        (
            "The price is that of one American Depositary Share, which represents 40,000 shares.",
            "Ordinary Shares",
            True,
        ),
        ("Price per GDR.", "Common Shares", True),
        ("Premium per contract.", "Call Option (right to buy)", True),
        ("Price per ADS.", "American Depositary Shares", False),
        ("Price per ordinary share.", "American Depositary Shares", True),
        ("The price per ADS divided by 40,000.", "Ordinary Shares", False),
        ("Price per ordinary share, by the price of the ADSs.", "Ordinary Shares", False),
        ("Traded through ADS Securities.", "Ordinary Shares", True),  # hardly told apart; unknown does no harm
    ],
)
def test_a_price_per_another_unit_is_unknown(text: str, title: str, odd: bool) -> None:
    """What is counted in ordinary shares was not paid for by the ADS."""
    cited, footnotes = note(text)

    assert ({F.OTHER_UNIT: PRICE} if odd else {}) == codes(a_row(security_title=title, **cited), **footnotes)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Held as American Depositary Shares. Each ADS represents 40,000 ordinary shares.", True),
        ("Represented by 10 ADSs, each of which represents five Class A shares. The price is per ADS.", True),
        ("Each ADS represents one ordinary share.", False),
        ("Each ADS represents five ordinary shares; the price is per ordinary share.", False),
        ("ADSs are listed on Nasdaq.", False),
    ],
)
def test_a_ratio_beside_the_count_puts_the_price_in_doubt(text: str, odd: bool) -> None:
    """Of which of the two it is, nothing says; one for one it does not matter."""
    cited, footnotes = note(text, "transaction_shares")

    assert ({F.OTHER_UNIT: PRICE} if odd else {}) == codes(a_row(**cited), **footnotes)
    assert {} == codes(a_row(price="0", **cited), **footnotes)


@pytest.mark.parametrize("day", [date(1988, 8, 8), date(1900, 1, 1), date(2099, 12, 31), date(9999, 12, 31)])
@pytest.mark.parametrize("box", [EXERCISE, EXPIRY])
def test_a_placeholder_date_is_unknown(box: str, day: date) -> None:
    """08-AUG-1988 and its like, with a footnote: 14 rows of a quarter."""
    fact = the_fact(an_option(**{box: day, "footnotes": {box: ("F1",)}}, **RSU, strike=None))

    assert {F.PLACEHOLDER_DATE: box} == {flag.code: flag.box for flag in fact.flags}
    assert filed(fact, box) is None
    assert day == getattr(fact.transaction, box)


def test_a_grant_that_was_exercisable_ten_years_before_it_has_a_placeholder() -> None:
    """With a footnote; an exercise of what has long been exercisable is ordinary."""
    long_ago: dict[str, Any] = {"exercise_date": date(2001, 1, 1), "footnotes": {EXERCISE: ("F1",)}}

    assert {F.PLACEHOLDER_DATE: EXERCISE} == codes(an_option("A", **long_ago))
    assert {} == codes(an_option("M", **DISPOSED, **long_ago))


def test_an_early_date_without_a_footnote_is_what_was_filed() -> None:
    """An option of 1985 could be exercised in 2004; before 1934 nothing could."""
    assert {} == codes(an_option("M", **DISPOSED, exercise_date=date(1985, 3, 3)))
    assert {F.PLACEHOLDER_DATE: EXERCISE} == codes(an_option("M", **DISPOSED, exercise_date=date(1901, 1, 1)))


def test_old_options_listed_again_are_flagged() -> None:
    """Under code A with their first grant dates (0001096906-24-001890): the trade is years older than the filing."""
    again = an_option("A", transaction_date=date(2019, 12, 6), expiration_date=date(2029, 12, 6))

    assert {F.OLD_TRADE: None} == codes(again)
    assert Measure.FILING_LAG in the_fact(again).measures


def test_doubts_of_the_filing_need_its_day() -> None:
    """Without it, no trade is old or after its filing."""
    late = a_row(transaction_date=date(2035, 3, 3))
    subject = Subject.of(a_filing(filed_on=None), a_document(late))

    assert () == subject.facts[0].flags
    assert Measure.FILING_LAG not in subject.facts[0].measures


def test_what_reading_the_document_flagged_in_a_row_is_a_flag_of_the_row() -> None:
    """Once, though both see it."""
    told = (
        Flag(code=F.NEGATIVE, message="transactionShares is -5", where="Table I row 1"),
        Flag(code=F.UNREADABLE_VALUE, message="?", where="Table I row 1"),
        Flag(code=F.UNREADABLE_VALUE, message="?", where="Table I row 2"),
    )
    subject = a_subject(a_row("P", "-5"), a_row("P"), flags=told)

    assert [[F.NEGATIVE, F.UNREADABLE_VALUE], [F.UNREADABLE_VALUE]] == [
        [flag.code for flag in fact.flags] for fact in subject.facts
    ]


def test_an_alert_shows_what_is_odd_in_its_rows_once() -> None:
    """Beside what is odd in the filing; rows that did not meet the rule keep theirs to themselves."""
    told = (Flag(code=F.NO_SYMBOL, message="no trading symbol is stated"),)
    rows = (a_row("S", "15", "1230435"), a_row("P", "-5"))
    alert = an_alert(*rows, settings={"kinds": "sale"}, flags=told)

    assert [F.NO_SYMBOL, F.ABSURD_PRICE] == [flag.code for flag in alert.flags]
    assert [F.ABSURD_PRICE] == [flag.code for flag in alert.rows[0].flags]


def test_rules_can_ask_for_flags() -> None:
    """To be told of them, or to be spared them."""
    odd, fine = a_subject(a_row("S", "15", "1230435")), a_subject(a_row("S", "15", "12"))
    asks = a_rule(flags="absurd-price")
    spared = a_rule(kinds="sale", **{"not": {"flags": "absurd-price"}})

    assert [1, None] == [met(asks, odd).rows, met(asks, fine).rows]
    assert [None, 1] == [met(spared, odd).rows, met(spared, fine).rows]


def test_a_count_in_the_value_box_of_table_one() -> None:
    """As many dollars as shares are owned after it."""
    row = a_row("A", None, "0", transaction_total_value=Decimal(500), shares_owned_following_transaction=Decimal(500))

    assert {F.COUNT_IN_VALUE: "transaction_total_value"} == codes(row)


def test_doubt_is_of_one_box() -> None:
    """The other boxes of the row are as good as they were."""
    (fact,) = a_subject(a_row("S", "15000", "1230435", direct_or_indirect_ownership=OwnershipForm.INDIRECT)).facts

    assert {Measure.SHARES, Measure.FILING_LAG} == fact.measures.keys()
    assert UNKNOWN == met(a_rule(value=">= $1m"), a_subject(a_row("S", "15000", "1230435")))
    assert Met(1, "true") == met(a_rule(shares=">= 15k"), a_subject(a_row("S", "15000", "1230435")))
