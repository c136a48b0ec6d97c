"""How much was bought or sold beside what the owner bought or sold on other days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.dealing import direction
from consumers.matcher.facts.fact import FactType, Type, Unit, percent
from consumers.matcher.facts.past import (
    DEEDS,
    NOT_LOOKED_AT,
    OF_DEALS,
    first_covered,
    incomplete,
    owners_of,
    told_unclear,
)
from consumers.matcher.past import Deed, Done, months_before
from consumers.matcher.subject import Subject
from consumers.titles import folded
from consumers.words import money
from service.model.fact import Fact, Measure
from service.model.known import Direction
from service.model.ownership import Box
from service.model.past import KeptRow

_MONTHS = 36
_FEWEST = 3  # days, of which the middle one is usual
_A_DAY = timedelta(days=1)


class _Size(NamedTuple):
    """How many times as much as usual, and what tells; None: unknown."""

    times: Decimal | None
    why: str


def _size(subject: Subject, row: Fact) -> Decimal | None:
    return _compared(subject, row).times


def _compared(subject: Subject, row: Fact) -> _Size:
    way, day = direction(subject, row), filed(row, "transaction_date")
    if subject.past is None:
        return _Size(None, NOT_LOOKED_AT)
    if way not in DEEDS:
        return _Size(None, "it is neither a purchase nor a sale" if way else "purchase or sale cannot be told")
    if day is None:
        return _Size(None, "the day of the trade is missing or in doubt")
    now = _of_the_day(subject, way, day)
    if now is None:
        return _Size(None, f"what all of it on {day} is worth is not stated")
    found = _usual(subject, DEEDS[way], day)
    if isinstance(found, str):
        return _Size(None, found)
    worth, why = found
    hundredths = percent(now, worth)
    return _Size(None if hundredths is None else hundredths / 100, why)


def _of_the_day(subject: Subject, way: Direction, day: date) -> Decimal | None:
    """What all rows of that *day* that go the same *way* are worth; None: one of them does not say."""
    rows = [one for one in subject.facts if direction(subject, one) is way and filed(one, "transaction_date") == day]
    values = [one.measures.get(Measure.VALUE) for one in rows]
    return None if None in values else sum((value for value in values if value is not None), Decimal(0))


def _usual(subject: Subject, deed: Deed, day: date) -> tuple[Decimal, str] | str:
    """What the middle one of the days before was worth, and which that is; or why that is unknown."""
    memory, owners = subject.past, owners_of(subject)
    assert memory is not None
    first, last = months_before(day, _MONTHS), day - _A_DAY
    if not memory.covers(first):
        return incomplete(memory, first_covered(memory, _MONTHS))
    doubtful = memory.unclear(deed, owners, first - _A_DAY, day)
    if doubtful is not None:
        return told_unclear(doubtful)
    days: dict[date, list[Done]] = {}
    for one in memory.between(deed, owners, first, last):
        days.setdefault(one.day or day, []).append(one)
    worth = {when: _worth(done) for when, done in days.items()}
    for when, value in worth.items():
        if value is None:
            return f"what {days[when][0].accession} reports of {when} has no stated worth"
    return _middle({when: value for when, value in worth.items() if value is not None}, days, f"{first} to {last}")


def _middle(worth: Mapping[date, Decimal], days: Mapping[date, list[Done]], span: str) -> tuple[Decimal, str] | str:
    if len(worth) < _FEWEST:
        return f"{len(worth)} earlier days from {span} are too few, it takes {_FEWEST}"
    ordered = sorted(worth, key=lambda when: (worth[when], when))
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    usual = sum((worth[when] for when in middle), Decimal(0)) / len(middle)
    if not usual:
        return f"the middle one of {len(worth)} days from {span} is worth $0"
    named = ", ".join(f"{days[when][0].accession} on {when}" for when in middle)
    return usual, f"usual is {money(usual)}, the middle of {len(worth)} days from {span}: {named}"


def _worth(done: Iterable[Done]) -> Decimal | None:
    """What they are worth together; None: one of them does not say. A row that several filings report counts once."""
    rows: Counter[tuple[object, ...]] = Counter()
    for one in done:
        rows |= Counter((row.part, folded(row.security_title), _value(row)) for row in one.rows)
    values = [(row[-1], count) for row, count in rows.items()]
    if any(value is None for value, _ in values):
        return None
    return sum((value * count for value, count in values if isinstance(value, Decimal)), Decimal(0))


def _value(row: KeptRow) -> Decimal | None:
    if row.transaction_total_value is not None:
        return Decimal(row.transaction_total_value)
    if row.transaction_shares is None or row.transaction_price_per_share is None:
        return None
    return Decimal(row.transaction_shares) * Decimal(row.transaction_price_per_share)


TABLE: tuple[FactType, ...] = (
    FactType(
        name="size_to_usual",
        type=Type.NUMBER,
        unit=Unit.TIMES,
        meaning="What the filing's purchases (or sales) of the row's day are worth, beside the median of what the "
        "owner bought (or sold) on each day of the 36 months before, by earlier filings; a row that several filings "
        "report counts once",
        unknown=f"the past is not complete for so long, has fewer than {_FEWEST} such days, or a row states no worth",
        example="3",
        boxes=(*OF_DEALS, Box("transaction_shares"), Box("transaction_price_per_share")),
        of_row=_size,
        why=lambda subject, row: _compared(subject, row).why,
        of_past=True,
        costly=True,
    ),
)
