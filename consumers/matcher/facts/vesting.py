"""When what was granted vests: days and parts where the filing states all of them, else its words."""

import re
from datetime import date
from decimal import Decimal

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.notes import cited
from consumers.matcher.facts.schedule import EqualParts, schedule
from consumers.matcher.subject import Subject
from consumers.words import vesting as written
from service.model.fact import Fact, Measure
from service.model.known import Tranche
from service.model.ownership import Box, TransactionCode

_TELLS = re.compile(r"\b(?:un)?vest|\bexercisable|\binstall?ment|\blapses?\b", re.IGNORECASE)
_GRANTED = (
    "security_title",
    "transaction_date",
    "transaction_code",
    "transaction_shares",
    "transaction_total_value",
    "transaction_price_per_share",
    "conversion_or_exercise_price",
    "expiration_date",
    "underlying_security_title",
    "underlying_security_shares",
)
_PLACES = Decimal("0.0001")


def tranches(subject: Subject, row: Fact) -> tuple[Tranche, ...] | None:
    """None: the filing states no schedule, or one that is not all in days and parts."""
    key = ("tranches", row.table, row.row)
    if key not in subject.known:
        subject.known[key] = _tranches(subject, row)
    known: tuple[Tranche, ...] | None = subject.known[key]
    return known


def _tranches(subject: Subject, row: Fact) -> tuple[Tranche, ...] | None:
    notes, exercisable = _notes(subject, row), filed(row, "exercise_date")
    if not notes:
        return None if exercisable is None else (Tranche(on=(exercisable,), percent=Decimal(100)),)
    if len(notes) > 1:
        return None
    granted = row.transaction.transaction_code is TransactionCode.AWARD
    day = filed(row, "transaction_date") if granted else None
    parts = schedule(notes[0], day, row.measures.get(Measure.UNDERLYING_SHARES, row.measures.get(Measure.SHARES)))
    return None if parts is None else tuple(map(_tranche, parts))


def _notes(subject: Subject, row: Fact) -> tuple[str, ...]:
    """The footnotes about vesting: those of the box for it, else those of the boxes about what was granted."""
    if row.table == "I" and row.transaction.transaction_code is not TransactionCode.AWARD:
        return ()  # what was withheld or sold when something vested
    about = [note for note in cited(subject, row, "exercise_date") if _TELLS.search(note)]
    return tuple(about) or tuple(note for note in cited(subject, row, *_GRANTED) if _TELLS.search(note))


def _tranche(part: EqualParts) -> Tranche:
    percent = Decimal(part.share.numerator * 100) / part.share.denominator
    return Tranche(on=part.days, percent=percent.quantize(_PLACES).normalize() + 0)


def _vesting(subject: Subject, row: Fact) -> str | None:
    found = tranches(subject, row)
    if found is None:
        return " ".join(" ".join(_notes(subject, row)).split()) or None
    return written(found)


def _first(subject: Subject, row: Fact) -> date | None:
    found = tranches(subject, row)
    return None if found is None else found[0].on[0]


def _last(subject: Subject, row: Fact) -> date | None:
    found = tranches(subject, row)
    return None if found is None else found[-1].on[-1]


_UNKNOWN = "the filing does not state all days and parts"
_BOXES = (Box("footnotes"), Box("exercise_date"))

TABLE: tuple[FactType, ...] = (
    FactType(
        name="vesting",
        type=Type.TEXT,
        meaning="When it vests or can be exercised: days and parts where the filing states all of them and they make "
        "up the whole, else the footnote as filed",
        example="25% on 2014-12-16; 75% in 36 equal parts from 2015-01-16 to 2017-12-16",
        boxes=_BOXES,
        of_row=_vesting,
    ),
    FactType(
        name="vests_from",
        type=Type.DATE,
        meaning="The day on which the first part vests",
        unknown=_UNKNOWN,
        example="2014-12-16",
        boxes=_BOXES,
        of_row=_first,
    ),
    FactType(
        name="vests_until",
        type=Type.DATE,
        meaning="The day on which the last part vests",
        unknown=_UNKNOWN,
        example="2017-12-16",
        boxes=_BOXES,
        of_row=_last,
    ),
)
