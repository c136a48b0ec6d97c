"""Transaction rows to facts: what each row reports, in a rule's words."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from consumers.matcher.meaning import Meaning, meanings_of
from consumers.matcher.meaning.boxes import OWNED, PRICE, SHARES, STRIKE, TOTAL, TRADED, UNDERLYING
from service.model.fact import Fact, Kind, Measure
from service.model.ownership import (
    Box,
    DerivativeTransaction,
    OwnershipDocument,
    Transaction,
)

_OF_DERIVATIVES = frozenset({Measure.STRIKE, Measure.UNDERLYING_SHARES, Measure.EXERCISE_VALUE})
_OF_STRIKES = frozenset({Measure.STRIKE, Measure.EXERCISE_VALUE})
_NOT_ASKED: Mapping[Kind, frozenset[Measure]] = {
    Kind.EXERCISE_SHARES: _OF_DERIVATIVES,  # nearly all stand in Table I
    # Units have no strike: what stands in box 2 is 0, or a share price.
    Kind.AWARD: _OF_STRIKES,
    Kind.DEFERRAL: _OF_STRIKES,
    Kind.DIVIDEND_EQUIVALENT: _OF_STRIKES,
    # A few are of derivatives (Table II), whose rows state a strike; but who asks purchases for it means the price.
    Kind.PURCHASE: _OF_DERIVATIVES,
    Kind.SALE: _OF_DERIVATIVES,
}


def measures_of(kind: Kind) -> frozenset[Measure]:
    """What a rule can ask of rows of this *kind*."""
    return frozenset(Measure) - _NOT_ASKED.get(kind, frozenset())


def facts_of(document: OwnershipDocument, filed_on: date | None) -> tuple[Fact, ...]:
    """A fact for each transaction row, Table I first; *filed_on* None: the filing lag is unknown."""
    return tuple(_fact(meaning, filed_on) for meaning in meanings_of(document, filed_on))


def _fact(meaning: Meaning, filed_on: date | None) -> Fact:
    row, doubtful = meaning.transaction, meaning.doubtful
    measures = _measures(row, doubtful, filed_on)
    if isinstance(row, DerivativeTransaction):
        measures |= _derivative_measures(row, doubtful)
    return Fact(
        table=meaning.table,
        row=meaning.row,
        kind=meaning.kinds[0],
        kinds=meaning.kinds,
        security_class=meaning.security_class,
        reason=meaning.reason,
        flags=meaning.flags,
        measures=measures,
        ownership=row.direct_or_indirect_ownership,
        transaction=row,
    )


def _measures(row: Transaction, doubtful: frozenset[Box], filed_on: date | None) -> dict[Measure, Decimal]:
    shares, price, total = row.transaction_shares, row.transaction_price_per_share, row.transaction_total_value
    owned = row.shares_owned_following_transaction
    lag = None if filed_on is None or row.transaction_date is None else Decimal((filed_on - row.transaction_date).days)
    if doubtful:
        shares, price = _sound(SHARES, shares, doubtful), _sound(PRICE, price, doubtful)
        total, owned = _sound(TOTAL, total, doubtful), _sound(OWNED, owned, doubtful)
        lag = _sound(TRADED, lag, doubtful)
    value = total
    if row.transaction_total_value is None and shares is not None and price is not None:
        value = shares * price
    stated = {
        Measure.SHARES: shares,
        Measure.PRICE: price,
        Measure.VALUE: value,
        Measure.OWNED_AFTER: owned,
        Measure.FILING_LAG: lag,
    }
    return {measure: number for measure, number in stated.items() if number is not None}


def _derivative_measures(row: DerivativeTransaction, doubtful: frozenset[Box]) -> dict[Measure, Decimal]:
    strike = _sound(STRIKE, row.conversion_or_exercise_price, doubtful)
    underlying = _sound(UNDERLYING, row.underlying_security_shares, doubtful)
    stated = {
        Measure.STRIKE: strike,
        Measure.UNDERLYING_SHARES: underlying,
        Measure.EXERCISE_VALUE: strike * underlying if strike is not None and underlying is not None else None,
    }
    return {measure: number for measure, number in stated.items() if number is not None}


def _sound(box: Box, number: Decimal | None, doubtful: frozenset[Box]) -> Decimal | None:
    """*number*, or None where its box is doubtful: what is meant is unknown."""
    return None if box in doubtful else number
