"""What was done in a trader's sense: bought or sold, at what discount, and how much on balance."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from consumers.matcher.facts.boxes import filed
from consumers.matcher.facts.fact import FactType, Type, Unit, percent
from consumers.matcher.meaning.security import WITH_STRIKE
from consumers.matcher.subject import Subject
from consumers.titles import folded
from service.model.fact import Fact, Kind, Measure
from service.model.known import Direction
from service.model.ownership import AcquiredDisposed, Box, DerivativeTransaction, TransactionCode

_KEY = "prices of shares by day"
_ONLY = {  # the box that the code allows
    TransactionCode.PURCHASE: AcquiredDisposed.ACQUIRED,
    TransactionCode.SALE: AcquiredDisposed.DISPOSED,
    TransactionCode.WITHHOLDING: AcquiredDisposed.DISPOSED,
    TransactionCode.DISPOSITION_TO_ISSUER: AcquiredDisposed.DISPOSED,
    TransactionCode.SMALL_ACQUISITION: AcquiredDisposed.ACQUIRED,
}
_GIVEN = frozenset({Kind.EXERCISE, Kind.CONVERSION})
_TAKEN = {Kind.GRANT_REVERSAL: Direction.DISPOSE, Kind.OTHER: None}  # grants that say disposed, by what meaning found
_PRICED = frozenset({TransactionCode.PURCHASE, TransactionCode.SALE, TransactionCode.WITHHOLDING})


def direction(_: Subject, row: Fact) -> Direction | None:
    """Unknown where the code and the box contradict each other, and the row does not tell which is right."""
    code, box = row.transaction.transaction_code, row.transaction.transaction_acquired_disposed_code
    if box is None or (code in _ONLY and _ONLY[code] is not box):
        return None
    if row.kind in _GIVEN and row.table == "II" and box is AcquiredDisposed.ACQUIRED:
        return None  # what is exercised is given up, and what that brings is of another kind
    if code is TransactionCode.AWARD and box is AcquiredDisposed.DISPOSED:
        return _TAKEN.get(row.kind, Direction.ACQUIRE)  # a grant with the wrong box is still a grant
    if code in (TransactionCode.PURCHASE, TransactionCode.SALE) and not row.transaction.equity_swap_involved:
        return Direction.BUY if code is TransactionCode.PURCHASE else Direction.SELL
    return Direction.ACQUIRE if box is AcquiredDisposed.ACQUIRED else Direction.DISPOSE


def _discount(subject: Subject, row: Fact) -> Decimal | None:
    """The strike against what the underlying fetched on the same day, by the same filing."""
    entry, strike = row.transaction, row.measures.get(Measure.STRIKE)
    day = filed(row, "transaction_date")
    if not isinstance(entry, DerivativeTransaction) or row.security_class not in WITH_STRIKE:
        return None
    if strike is None or day is None:
        return None
    shares, value = _fetched(subject).get((folded(entry.underlying_security_title), day), (Decimal(0), Decimal(0)))
    return percent(value - strike * shares, value) if value else None


def _fetched(subject: Subject) -> Mapping[tuple[str, date], tuple[Decimal, Decimal]]:
    """How many shares were priced on a day, and what they fetched together, by their title and the day."""
    if _KEY not in subject.known:
        found: dict[tuple[str, date], tuple[Decimal, Decimal]] = {}
        for row in subject.facts:
            title, day = folded(row.transaction.security_title), filed(row, "transaction_date")
            price, count = row.measures.get(Measure.PRICE), row.measures.get(Measure.SHARES)
            if row.table != "I" or row.transaction.transaction_code not in _PRICED:
                continue
            if title and day is not None and price and count is not None:
                shares, value = found.get((title, day), (Decimal(0), Decimal(0)))
                found[title, day] = shares + count, value + count * price
        subject.known[_KEY] = found
    known: Mapping[tuple[str, date], tuple[Decimal, Decimal]] = subject.known[_KEY]
    return known


def _net_value(subject: Subject) -> Decimal | None:
    total, found = Decimal(0), False
    for row in subject.facts:
        if not _dealt(row):
            continue
        found, value, way = True, row.measures.get(Measure.VALUE), direction(subject, row)
        if value is None or way is None:
            return None
        total += value if way is Direction.BUY else -value
    return total if found else None


def _dealt(row: Fact) -> bool:
    """Whether *row* is a purchase or a sale of shares."""
    return row.table == "I" and row.kind in (Kind.PURCHASE, Kind.SALE) and not row.transaction.equity_swap_involved


TABLE: tuple[FactType, ...] = (
    FactType(
        name="direction",
        type=Type.WORD,
        words=Direction,
        meaning="Which way it went",
        unknown="the code and the box for acquired or disposed contradict each other, or one of them is empty",
        example="buy",
        boxes=(Box("transaction_code"), Box("transaction_acquired_disposed_code"), Box("equity_swap_involved")),
        of_row=direction,
    ),
    FactType(
        name="discount",
        type=Type.NUMBER,
        unit=Unit.PERCENT,
        signed=True,
        meaning="How far the strike of an option, right or warrant lies below the price at which the underlying shares "
        "were bought, sold or withheld on the same day in the same filing (their average by shares); less than 0: "
        "above it",
        unknown="the filing states no price of the underlying shares on that day",
        example="15",
        boxes=(Box("conversion_or_exercise_price"), Box("transaction_price_per_share")),
        of_row=_discount,
        costly=True,
    ),
    FactType(
        name="net_value",
        type=Type.NUMBER,
        unit=Unit.USD,
        signed=True,
        meaning="What the filing's purchases in Table I are worth, less its sales there (codes P and S, no swaps); "
        "less than 0: sold on balance",
        unknown="one of them states no value, or its code and box contradict each other",
        example="1000000",
        boxes=(Box("non_derivative_table"),),
        of_filing=_net_value,
        applies=lambda subject: any(map(_dealt, subject.facts)),
        costly=True,
    ),
)
