"""The registry: every fact is typed, is unknown where it is not filed, and costs nothing until it is asked for."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest

from consumers.matcher.facts.boxes import BOXES, OF_FILING
from consumers.matcher.facts.fact import FactType, Level, Type
from consumers.matcher.facts.registry import FACTS, value
from tests.kit.documents import a_filing, a_row, a_rule, a_subject, an_option

TYPES = {
    Type.NUMBER: Decimal,
    Type.WORD: StrEnum,
    Type.WORDS: frozenset,
    Type.FLAG: bool,
    Type.DATE: date,
    Type.TEXT: str,
}


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_fact_says_what_it_is(fact: FactType) -> None:
    """A unit with numbers alone, words with words alone, a function, and boxes that the form has."""
    assert (fact.type is Type.NUMBER) == (fact.unit is not None)
    assert (fact.type in (Type.WORD, Type.WORDS)) == (fact.words is not None)
    assert (fact.of_row is None) != (fact.of_filing is None)
    assert fact.meaning
    assert not fact.meaning.endswith(".")
    assert fact.boxes
    assert {*OF_FILING, *BOXES["I"], *BOXES["II"]}.issuperset(fact.boxes)
    assert fact.words is None or fact.example in list(fact.words)


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_a_value_is_of_its_type(fact: FactType) -> None:
    """On filings of every kind of row."""
    subject = a_subject(a_row(), a_row("S"), an_option(), an_option("M"))
    for row in subject.facts if fact.level is Level.ROW else [None]:
        found = fact.of(subject, row)
        assert found is None or isinstance(found, TYPES[fact.type])


def test_numbers_that_can_be_less_than_0_are_known() -> None:
    """Rules can ask them for less than 0, and no other."""
    assert {name for name, fact in FACTS.items() if fact.signed} == {"discount", "net_value", "net_shares"}


def test_a_fact_of_a_row_is_asked_with_the_row() -> None:
    """Without one it is a mistake of the caller, not unknown."""
    with pytest.raises(TypeError, match="with the row"):
        value("shares", a_subject(a_row()))


def test_what_is_costly_is_computed_once() -> None:
    """For each row, and for the filing."""
    asked = []
    fact = FactType(
        name="one",
        type=Type.TEXT,
        meaning="x",
        example="x",
        of_row=lambda _, row: asked.append(row.place),
        costly=True,
    )
    subject = a_subject(a_row(), an_option())

    for row in (*subject.facts, *subject.facts):
        assert fact.of(subject, row) is None

    assert asked == ["Table I row 1", "Table II row 1"]


def test_a_fact_that_no_rule_asks_for_is_not_computed() -> None:
    """What a rule asks for is kept, and nothing else."""
    subject = a_subject(a_row("S"), an_option("M"))

    assert a_rule(kinds="sale", shares=">= 1").matches(subject)
    assert not subject.known
    assert a_rule(kinds="sale", days_late="<= 5").matches(subject)
    assert {"days_late"} == {name for name, *_ in subject.known}


def test_values_are_read_by_name() -> None:
    """As rules name them."""
    subject = a_subject(a_row(shares="100", price="2.5"))
    (row,) = subject.facts

    assert Decimal(250) == value("value", subject, row)
    assert value("kind", subject, row) == "purchase"
    assert value("ownership", subject, row) == "direct"
    assert value("strike", subject, row) is None
    assert value("role", subject) == {"director"}
    assert value("amendment", subject) is False
    assert a_filing().filed_on == value("filed_on", subject)
