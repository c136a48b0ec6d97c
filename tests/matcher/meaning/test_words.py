"""Titles as filers write them, and the word list that decides them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from consumers.matcher.meaning.words import WORDS, TitleWord, Vague, word_of
from service.model.fact import Kind, SecurityClass
from tests.kit.documents import a_row, a_subject, an_option

S, K = SecurityClass, Kind
UNSTATED: dict[str, Any] = {"strike": None, "expiration_date": None}


def class_of(title: str, **fields: Any) -> SecurityClass | None:
    """What a row of Table II is about that was granted under *title*, with a strike, and expiring in ten years."""
    (fact,) = a_subject(an_option(security_title=title, **fields)).facts
    return fact.security_class


@pytest.mark.parametrize(
    ("title", "index"), [(title, index) for index, word in enumerate(WORDS) for title in word.titles]
)
def test_each_title_of_the_list_is_decided_by_its_entry(title: str, index: int) -> None:
    """The examples beside an entry are why it is there; none is decided by an entry before it."""
    assert word_of(title) is WORDS[index]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.why)
def test_every_entry_says_why(word: TitleWord) -> None:
    """A reason for readers, and titles that need it."""
    assert word.why.startswith("the title says")
    assert word.titles


@pytest.mark.parametrize(
    ("title", "security"),
    [
        ("Restricted Stock Units", S.RSU),
        ("RESTRICTED  STOCK   UNITS", S.RSU),
        ("Restricted Share Units (right to acquire)", S.RSU),
        ("Restricted Stock Units (MSPP Purchased Award)", S.RSU),  # bought with a bonus: no right to purchase
        ("Restricted Stock Units (granted in lieu of stock options)", S.RSU),
        ("Performance-Based Restricted Stock Unit", S.RSU),
        ("Phantom RSA", S.RSU),
        ("PSUs", S.RSU),
        ("Notional Shares - Optional", S.DEFERRAL),  # a kind of deferral
        ('Deferred Share Units ("DSUs")', S.DEFERRAL),
        ("Restricted Phantom Shares", S.DEFERRAL),
        ("Convertible Promissory Notes", S.CONVERTIBLE),
        ("Deferred Cash Convertible Promissory Note", S.CONVERTIBLE),
        ("Series B-3 Redeemable Convertible Preferred Stock", S.CONVERTIBLE),
        ("Revolving Credit Agreement", S.CONVERTIBLE),
        ("Warrant to Purchase Series B Preferred Stock", S.WARRANT),
        ("Pre-Funded Warrants (right to buy)", S.WARRANT),
        ("Option to purchase LTIP Units", S.OPTION),
        ("Common Stock (Right to Buy)", S.OPTION),
        ("Employee Stock Opton", S.OPTION),
        ("Stock-Settled SARs", S.SAR),
        ("Performance LTIP Units", S.PARTNERSHIP_UNIT),
        ("LLC Units in Example Holdings, LLC", S.PARTNERSHIP_UNIT),
        ("Dividend Equivalents on Restricted Stock Units", S.DIVIDEND_EQUIVALENT),
        ("Restricted Stock Units with dividend equivalents", S.RSU),  # carries them
        ("Prepaid Variable Forward Sale Contract", S.OTHER),
    ],
)
def test_a_title_decides_whatever_stands_in_the_boxes(title: str, security: SecurityClass) -> None:
    """All of these have a strike of $2.91 and ten years; it is the title that tells."""
    assert security is class_of(title)


@pytest.mark.parametrize(
    ("title", "fields", "security"),
    [
        ("Common Stock", {}, S.OPTION),  # 0001562180-24-006550: corrected to Stock Option by its 4/A
        ("Common Stock", {"strike": "2.91", "expiration_date": None}, S.OPTION),
        ("Common Stock", {"expiration_date": date(2025, 9, 3)}, S.RSU),
        ("Common Stock", UNSTATED, S.RSU),
        ("Class B Common Stock", UNSTATED | {"underlying_security_title": "Class A Common Stock"}, S.CONVERTIBLE),
        ("Class A Common Stock", UNSTATED | {"underlying_security_title": "Class A Common Stock, $0.01"}, S.RSU),
        ("Stock Units", UNSTATED | {"transaction_price_per_share": Decimal(80)}, S.DEFERRAL),  # fees turned into units
        ("Stock Units", UNSTATED | {"shares": "745.07"}, S.DEFERRAL),
        (
            "Stock Units",
            UNSTATED | {"shares": "1000", "shares_owned_following_transaction": Decimal(90000)},
            S.DEFERRAL,
        ),
        ("Stock Units", UNSTATED | {"shares": "1749"}, S.RSU),
        ("Performance Rights", UNSTATED | {"transaction_price_per_share": Decimal("10.67")}, S.DEFERRAL),
        ("Performance Right", UNSTATED, S.RSU),
        ("Earnout", {}, S.OPTION),
        ("Earnout", UNSTATED, S.OTHER),
        (None, UNSTATED, S.OTHER),
    ],
)
def test_where_the_title_does_not_tell_the_numbers_do(
    title: str | None, fields: dict[str, Any], security: SecurityClass
) -> None:
    """Strike, expiry and underlying together; a price or a fraction tells pay that was turned into units."""
    assert security is class_of(title, **fields)  # type: ignore[arg-type]


def test_a_footnote_can_say_dividend_equivalents() -> None:
    """Where the title is the share's; a footnote that only mentions them says nothing."""
    cited = {"transaction_shares": ("F1",)}
    row = an_option(security_title="Common Stock", footnotes=cited, **UNSTATED)

    def told(text: str) -> SecurityClass | None:
        (fact,) = a_subject(row, footnotes={"F1": text}).facts
        return fact.security_class

    assert S.DIVIDEND_EQUIVALENT is told(
        "Represents dividend equivalent rights accrued on the reporting person's RSUs."
    )
    assert S.DIVIDEND_EQUIVALENT is told("Dividend equivalents credited on September 3, 2024.")
    assert S.RSU is told("Each unit is a right to one share, and earns dividend equivalents.")


@pytest.mark.parametrize(
    ("title", "security", "kind"),
    [
        ("Common Stock", S.SHARE, K.AWARD),
        ("Series A Preferred Stock", S.SHARE, K.AWARD),
        ("Common Stock (issued on exercise of options)", S.SHARE, K.AWARD),
        ("Restricted Stock Units", S.RSU, K.AWARD),
        ("Deferred Stock Units", S.DEFERRAL, K.DEFERRAL),
        ("LTIP Units", S.PARTNERSHIP_UNIT, K.PARTNERSHIP_UNIT),
        ("Series A Convertible Preferred Stock", S.CONVERTIBLE, K.CONVERTIBLE),
        ("Stock Option (right to buy)", S.OPTION, K.OPTION_GRANT),
        ("Beneficial interests", S.SHARE, K.AWARD),
    ],
)
def test_in_table_one_it_is_a_share_unless_the_title_names_something_else(
    title: str, security: SecurityClass, kind: Kind
) -> None:
    """Options that were filed in the wrong table, too."""
    (fact,) = a_subject(a_row("A", security_title=title)).facts

    assert (security, kind) == (fact.security_class, fact.kind)


def test_vague_titles_are_left_to_the_numbers() -> None:
    """Two entries name no class; every class but shares has an entry of its own."""
    assert {*Vague} == {word.says for word in WORDS if isinstance(word.says, Vague)}
    assert {*SecurityClass} - {S.SHARE} == {word.says for word in WORDS if isinstance(word.says, SecurityClass)}
