"""How much of what was held changed hands."""

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

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

_NEVER = Decimal(-1)
_SIGN = {Direction.BUY: 1, Direction.ACQUIRE: 1, Direction.SELL: -1, Direction.DISPOSE: -1}


def _holding_change(subject: Subject, row: Fact) -> Decimal | None:
    """Unknown where nothing was held before, and where several rows share one line and do not count on from each other.

    The form asks for what is owned "following reported transaction(s)": many filers state in each row of a line what is
    owned after the last of them.
    """
    line = _line(row.transaction)
    entries = subject.document.non_derivative_table if row.table == "I" else subject.document.derivative_table
    if any(_line(held) == line for held in entries if isinstance(held, NonDerivativeHolding | DerivativeHolding)):
        return None
    rows = [one for one in subject.facts if one.table == row.table and _line(one.transaction) == line]
    before = {one.place: _before(subject, one) for one in rows}
    if not (_counts_on(rows, before) or _counts_on(rows[::-1], before)):
        return None
    held, shares = before[row.place], row.measures.get(Measure.SHARES)
    return None if held is None or held <= 0 or shares is None else percent(shares, held)


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


def _counts_on(rows: Sequence[Fact], before: Mapping[str, Decimal | None]) -> bool:
    """Whether each row begins with what the one before it left."""
    return all(before[row.place] == last.measures.get(Measure.OWNED_AFTER, _NEVER) for last, row in pairwise(rows))


TABLE: tuple[FactType, ...] = (
    FactType(
        name="holding_change",
        type=Type.NUMBER,
        unit=Unit.PERCENT,
        meaning="What changed hands, of what was held before in the same security and line of the form; `direction` "
        "says which way. Unknown where nothing was held before, and where several rows state one holding after all of "
        "them",
        example="25",
        boxes=(Box("transaction_shares"), Box("shares_owned_following_transaction")),
        of_row=_holding_change,
        costly=True,
    ),
)
