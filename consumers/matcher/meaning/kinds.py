"""What a row reports: its code, its side of an exercise, whether it takes a grant back, and the swap's box."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from consumers.matcher.meaning.boxes import EXPIRY
from service.model.fact import Kind, SecurityClass
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeTransaction,
    Transaction,
    TransactionCode,
)

CODES: Mapping[TransactionCode, Kind] = {
    TransactionCode.PURCHASE: Kind.PURCHASE,
    TransactionCode.SALE: Kind.SALE,
    TransactionCode.AWARD: Kind.AWARD,
    TransactionCode.DISPOSITION_TO_ISSUER: Kind.DISPOSITION_TO_ISSUER,
    TransactionCode.WITHHOLDING: Kind.WITHHOLDING,
    TransactionCode.DISCRETIONARY: Kind.DISCRETIONARY,
    TransactionCode.EXERCISE: Kind.EXERCISE,
    TransactionCode.IN_MONEY_EXERCISE: Kind.EXERCISE,
    TransactionCode.OUT_OF_MONEY_EXERCISE: Kind.EXERCISE,
    TransactionCode.CONVERSION: Kind.CONVERSION,
    TransactionCode.SHORT_EXPIRY: Kind.EXPIRY,
    TransactionCode.LONG_EXPIRY: Kind.EXPIRY,
    TransactionCode.GIFT: Kind.GIFT,
    TransactionCode.SMALL_ACQUISITION: Kind.SMALL_ACQUISITION,
    TransactionCode.INHERITANCE: Kind.INHERITANCE,
    TransactionCode.VOTING_TRUST: Kind.VOTING_TRUST,
    TransactionCode.EQUITY_SWAP: Kind.EQUITY_SWAP,
    TransactionCode.TENDER: Kind.TENDER,
}

GRANTED: Mapping[SecurityClass, Kind] = {
    SecurityClass.OPTION: Kind.OPTION_GRANT,
    SecurityClass.SAR: Kind.OPTION_GRANT,
    SecurityClass.WARRANT: Kind.OPTION_GRANT,
    SecurityClass.RSU: Kind.AWARD,
    SecurityClass.SHARE: Kind.AWARD,
    SecurityClass.DEFERRAL: Kind.DEFERRAL,
    SecurityClass.DIVIDEND_EQUIVALENT: Kind.DIVIDEND_EQUIVALENT,
    SecurityClass.CONVERTIBLE: Kind.CONVERTIBLE,
    SecurityClass.PARTNERSHIP_UNIT: Kind.PARTNERSHIP_UNIT,
    SecurityClass.OTHER: Kind.OTHER,
}
"""What code A means for each class of security."""

GRANTS = frozenset({Kind.OPTION_GRANT, Kind.AWARD, Kind.PARTNERSHIP_UNIT})
"""What is given: most of it is filed with price $0, so that its worth is not stated."""

_EXERCISES = frozenset(code for code, kind in CODES.items() if kind in (Kind.EXERCISE, Kind.CONVERSION))
_YEARS_ON = timedelta(days=2 * 365)


class Sides:
    """Which codes of a filing's exercises and conversions are told by a row that was given up for what it brought."""

    def __init__(self, rows: Iterable[Transaction]) -> None:
        self._given: set[TransactionCode] = set()
        self._derivative: set[TransactionCode] = set()
        for row in rows:
            code = row.transaction_code
            if code is None or code not in _EXERCISES:
                continue
            if row.transaction_acquired_disposed_code is AcquiredDisposed.DISPOSED:
                self._given.add(code)
            if isinstance(row, DerivativeTransaction):
                self._derivative.add(code)

    def brought(self, row: Transaction) -> bool:
        """Whether *row* is what an exercise brought, not the exercise itself: counting both would double it."""
        code = row.transaction_code
        if code not in _EXERCISES or row.transaction_acquired_disposed_code is AcquiredDisposed.DISPOSED:
            return False
        if code in self._given:
            return True
        return code in self._derivative and isinstance(row, NonDerivativeTransaction)


def kinds_of(row: Transaction, security: SecurityClass, sides: Sides) -> tuple[tuple[Kind, ...], str | None]:
    """Every kind of *row*, the main one first, and why, where its code alone does not say so."""
    code, why = row.transaction_code, None
    kind = CODES.get(code, Kind.OTHER) if code else Kind.OTHER
    if kind is Kind.AWARD:
        kind = GRANTED[security]
        if taken_back(row):
            kind, why = _taken(row, kind)
    elif sides.brought(row):
        kind, why = Kind.EXERCISE_SHARES, "another row has what was given up for it"
    if not row.equity_swap_involved or kind is Kind.EQUITY_SWAP:
        return (kind,), why
    return (Kind.EQUITY_SWAP, kind) if kind is Kind.OTHER else (kind, Kind.EQUITY_SWAP), "the box for a swap is ticked"


def taken_back(row: Transaction) -> bool:
    """Whether code A says acquired and the box for it says disposed."""
    return (
        row.transaction_code is TransactionCode.AWARD
        and row.transaction_acquired_disposed_code is AcquiredDisposed.DISPOSED
    )


def _taken(row: Transaction, granted: Kind) -> tuple[Kind, str]:
    """What a grant that was disposed is: what is owned after it tells, or nothing does."""
    owned = row.shares_owned_following_transaction
    if owned == 0:
        return Kind.GRANT_REVERSAL, "the box says disposed, and nothing is owned after it"
    if owned is not None and owned == row.transaction_shares and _expires_years_on(row):  # 0000950170-24-104788
        return granted, "the box says disposed, but all of it is owned after, and years are left"
    return Kind.OTHER, "the box says disposed, and nothing tells what was meant"


def _expires_years_on(row: Transaction) -> bool:
    expires, traded = getattr(row, EXPIRY, None), row.transaction_date
    return traded is not None and expires is not None and expires - traded >= _YEARS_ON
