"""How much of what was held changed hands."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.dealing import direction
from consumers.matcher.facts.fact import FactType, Type, Unit, percent
from consumers.matcher.facts.held import Held, held_before
from consumers.matcher.subject import Subject
from consumers.titles import folded
from consumers.words import plain
from service.model.fact import Fact, Measure
from service.model.known import Direction
from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    Transaction,
)

_KEY = "changes of holdings"
_NEVER = Decimal(-1)
_SIGN = {Direction.BUY: 1, Direction.ACQUIRE: 1, Direction.SELL: -1, Direction.DISPOSE: -1}


class _Change(NamedTuple):
    """What of a holding changed hands."""

    percent: Decimal
    by: Held | None  # what an earlier filing says was held; None: the filing alone tells


def _holding_change(subject: Subject, row: Fact) -> Decimal | None:
    """Unknown where nothing was held before, and where several rows share one line and do not count on from each other.

    The form asks for what is owned "following reported transaction(s)": many filers state in each row of a line what is
    owned after the last of them. Then the filing before tells whether it is meant so.
    """
    found = _found(subject).get(row.place)
    return None if found is None else found.percent


def _why(subject: Subject, row: Fact) -> str:
    found = _found(subject).get(row.place)
    if found is None or found.by is None:
        return ""
    return f"of {plain(found.by.number)} held by {found.by.accession}, filed {found.by.filed}"


def _found(subject: Subject) -> Mapping[str, _Change]:
    if _KEY not in subject.known:
        subject.known[_KEY] = dict(_changes(subject))
    known: Mapping[str, _Change] = subject.known[_KEY]
    return known


def _changes(subject: Subject) -> Iterator[tuple[str, _Change]]:
    """What of the holding changed hands, by the row's place, for all rows of which it is known."""
    document = subject.document
    entries = (*document.non_derivative_table, *document.derivative_table)
    held = {_line(entry) for entry in entries if isinstance(entry, NonDerivativeHolding | DerivativeHolding)}
    lines: dict[Hashable, list[Fact]] = {}
    for row in subject.facts:
        lines.setdefault(_line(row.transaction), []).append(row)
    for line, rows in lines.items():
        if line in held:
            continue
        before = [_before(subject, row) for row in rows]
        if not (_counts_on(rows, before) or _counts_on(rows[::-1], before[::-1])):
            before = [None] * len(rows)
        by = _held(subject, line) if None in before else None
        if by is not None:
            ordered = _by_day(rows)
            counted = _from(subject, ordered, by)
            if None not in counted:
                yield from _shares(ordered, counted, by)
                continue
        yield from _shares(rows, before, None)


def _held(subject: Subject, line: Hashable) -> Held | None:
    if subject.past is None:
        return None
    return held_before(subject.past, frozenset(owner.rpt_owner_cik for owner in subject.owners), line, _line)


def _shares(rows: Sequence[Fact], before: Sequence[Decimal | None], by: Held | None) -> Iterator[tuple[str, _Change]]:
    for row, number in zip(rows, before, strict=True):
        if number is not None and number > 0 and (share := percent(row.measures[Measure.SHARES], number)) is not None:
            yield row.place, _Change(share, by)


def _by_day(rows: Sequence[Fact]) -> Sequence[Fact]:
    """In the order of their trades, where each states its day."""
    days = [filed(row, "transaction_date") for row in rows]
    return rows if None in days else [row for _, _, row in sorted(zip(days, range(len(rows)), rows, strict=True))]


def _from(subject: Subject, rows: Sequence[Fact], by: Held) -> list[Decimal | None]:
    """What was held before each of *rows*, counted from *by*; all None: what they state does not agree with it."""
    before, after, number = list[Decimal | None](), list[Decimal](), by.number
    for row in rows:
        shares, way = row.measures.get(Measure.SHARES), direction(subject, row)
        if shares is None or way is None:
            return [None] * len(rows)
        before.append(number)
        number += _SIGN[way] * shares
        after.append(number)
    stated = [row.measures.get(Measure.OWNED_AFTER) for row in rows]
    agree = all(held in (None, one, number) for held, one in zip(stated, after, strict=True))
    told = by.current or any(held is not None for held in stated)
    return before if agree and told and min(after) >= 0 else [None] * len(rows)


def _line(row: Transaction | NonDerivativeHolding | DerivativeHolding) -> Hashable:
    """What makes a holding one: security and how it is held; of derivatives also their terms."""
    line = (folded(row.security_title), row.direct_or_indirect_ownership, folded(row.nature_of_ownership))
    if isinstance(row, DerivativeTransaction | DerivativeHolding):
        return line, row.conversion_or_exercise_price, row.expiration_date, folded(row.underlying_security_title)
    return line


def _before(subject: Subject, row: Fact) -> Decimal | None:
    after, shares = row.measures.get(Measure.OWNED_AFTER), row.measures.get(Measure.SHARES)
    way = direction(subject, row)
    return None if after is None or shares is None or way is None else after - _SIGN[way] * shares


def _counts_on(rows: Sequence[Fact], before: Sequence[Decimal | None]) -> bool:
    """Whether each row begins with what the one before it left."""
    left = (row.measures.get(Measure.OWNED_AFTER, _NEVER) for row in rows)
    return all(held == number for held, number in zip(left, before[1:], strict=False))


TABLE: tuple[FactType, ...] = (
    FactType(
        name="holding_change",
        type=Type.NUMBER,
        unit=Unit.PERCENT,
        meaning="What changed hands, of what was held before in the same security and line of the form; `direction` "
        "says which way",
        unknown="nothing was held before, several rows state one holding after all of them, or a box is empty or in "
        "doubt. Where rules ask for it, the same owners' last filing with that line then tells, if its number agrees "
        "with this one's",
        example="25",
        boxes=(Box("transaction_shares"), Box("shares_owned_following_transaction")),
        of_row=_holding_change,
        why=_why,
        of_past=True,
        of_holdings=True,
    ),
)
