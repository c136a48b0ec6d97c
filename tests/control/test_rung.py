"""What would have rung: most of the past, in little memory."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from service.control.rung import RungFilings
from service.model.filing import Accession
from service.store.history import key_of
from service.wire import encode

AT = datetime(2025, 3, 3, 21, 4, 5, 678901, UTC)
MADE = {Accession(f"0000320193-25-{number:06d}"): AT - timedelta(microseconds=number * 7919) for number in range(50)}


class Found(Struct):
    """As it is sent."""

    rings: Mapping[Accession, datetime]


def test_each_filing_and_its_time_come_back_as_they_were() -> None:
    """In their order, to the microsecond, one by one and all at once; others are not there."""
    rung = rung_of(MADE)

    assert list(MADE.items()) == list(rung.items())
    assert list(MADE) == list(rung)
    assert MADE == {one: rung[one] for one in MADE}
    assert MADE == rung == rung_of(MADE)
    assert rung_of({}) != rung
    assert Accession("0000320193-25-000050") not in rung


def test_it_is_written_as_every_mapping() -> None:
    """As JSON, by the API and the command."""
    assert encode({"rings": MADE}) == encode(Found(rung_of(MADE)))


def test_the_first_of_them_are_found() -> None:
    """By the numbers that the past has them by."""
    rung, keys = rung_of(MADE), [key_of(one) for one in MADE]

    assert keys[:3] == rung.first(3)
    assert keys == rung.first(100)


def rung_of(made: dict[Accession, datetime]) -> RungFilings:
    rung = RungFilings()
    rung.add(map(key_of, made), made.values())
    return rung
