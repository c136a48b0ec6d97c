"""How much of what was held changed hands."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Decimal

from consumers.matcher.facts.dealing import direction
from consumers.matcher.facts.fact import FactType, Type, Unit, folded, percent
from consumers.matcher.subject import Subject
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


def _holding_change(subject: Subject, row: Fact) -> Decimal | None:
    """Unknown where nothing was held before, and where several rows share one line and do not count on from each other.

    The form asks for what is owned "following reported transaction(s)": many filers state in each row of a line what is
    owned after the last of them.
    """
    if _KEY not in subject.known:
        subject.known[_KEY] = dict(_changes(subject))
    known: Mapping[str, Decimal] = subject.known[_KEY]
    return known.get(row.place)


def _changes(subject: Subject) -> Iterator[tuple[str, Decimal]]:
    """What of the holding changed hands, by the row's place, for all rows of which it is known."""
    document = subject.document
    entries = (*document.non_derivative_table, *document.derivative_table)
    held = {_line(entry) for entry in entries if isinstance(entry, NonDerivativeHolding | DerivativeHolding)}
    lines: dict[Hashable, list[Fact]] = {}
    for row in subject.facts:
        lines.setdefault(_line(row.transaction), []).append(row)
    for line, rows in lines.items():
        before = [_before(subject, row) for row in rows]
        if line in held or not (_counts_on(rows, before) or _counts_on(rows[::-1], before[::-1])):
            continue
        for row, number in zip(rows, before, strict=True):
            if (
                number is not None
                and number > 0
                and (share := percent(row.measures[Measure.SHARES], number)) is not None
            ):
                yield row.place, share


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
        "doubt",
        example="25",
        boxes=(Box("transaction_shares"), Box("shares_owned_following_transaction")),
        of_row=_holding_change,
    ),
)
