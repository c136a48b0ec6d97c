"""Facts as columns of numbers: what they say is what the facts say, beside every limit."""

import hashlib
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from consumers.matcher.columns import FORM, NAMES, columns_of, decision, limited, number
from consumers.matcher.subject import Subject
from consumers.parser import parse
from service.store.schema import history_facts
from tests.kit.documents import a_filing, a_rule
from tests.kit.places import SAMPLES
from tests.matcher.pairs import a_chance_subject

_SAID = {3: "5b6b7a0fc9c412ad"}
"""What the columns of the bundled filings, and of others by a seed, say in each form of them."""


def test_a_form_of_the_columns_says_what_it_always_said() -> None:
    """Who changes what a fact says counts the form up, and notes here what it says: kept columns are told anew."""
    chance = random.Random(42)
    found = [columns_of(a_chance_subject(chance)) for _ in range(300)]
    for path in sorted(SAMPLES.glob("*.txt")):
        data = path.read_bytes()
        if b"</ownershipDocument>" in data:
            found.append(columns_of(Subject.of(a_filing(), parse(data))))

    assert {FORM: hashlib.sha256(repr(found).encode()).hexdigest()[:16]} == _SAID


def test_the_table_has_the_columns_in_their_order() -> None:
    """Behind what says of which filing they are."""
    assert list(NAMES) == history_facts.columns.keys()[-len(NAMES) :]
    assert all(len(row) == len(NAMES) + 1 for row in columns_of(a_chance_subject(random.Random(1))))


def test_a_number_stands_on_its_side_of_every_limit() -> None:
    """However many digits it has; a limit of more digits than a column keeps is left to the rule itself."""
    chance = random.Random(7)
    for _ in range(20_000):
        digits = "".join(chance.choices("0123456789", k=chance.choice([1, 3, 15, 16, 17, 25])))
        value = Decimal(f"{digits}e{chance.randint(-20, 12)}")
        near = Decimal(f"{value:.{chance.choice([1, 3, 14])}e}")
        bound = limited(near)
        assert bound is not None
        assert (Fraction(value) > Fraction(near), value == near) == (number(value) > bound, number(value) == bound)

    assert limited(Decimal("1000000.0000000001")) is None
    assert limited(Decimal("1e400")) is None


@pytest.mark.parametrize(
    ("asked", "exact"),
    [
        ({"kinds": "purchase", "value": ">= 5", "not": {"plan_10b5_1": True}}, True),
        ({"any_of": [{"roles": "ceo"}, {"flags": "currency"}], "amendments": "exclude"}, True),
        ({"when": "value > 5"}, False),
        ({"days_since_purchase": ">= 5"}, False),
        ({"value": ">= 5", "per": "filing"}, False),
        ({"value": ">= 5", "roles": "ceo", "per": "owner"}, False),
        ({"vests_from": ">= 2030-01-01"}, False),
    ],
)
def test_columns_know_what_they_cannot_decide(asked: dict[str, object], exact: bool) -> None:
    """What they leave open is then left to reading; of the rest it is unknown."""
    assert exact is decision(a_rule(**asked).key).exact
