"""Transaction rows to facts: what each row reports, in a rule's words."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from service.model.fact import Fact, Kind, Measure
from service.model.ownership import (
    DerivativeTransaction,
    NonDerivativeTransaction,
    OwnershipDocument,
    Transaction,
    TransactionCode,
)

_OPTION = re.compile(r"option|right to (?:buy|purchase)|appreciation right|\bSARs?\b|warrant", re.IGNORECASE)

KINDS: Mapping[TransactionCode, Kind] = {
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

GRANTS = frozenset({Kind.AWARD, Kind.OPTION_GRANT})

_OF_DERIVATIVES = frozenset({Measure.STRIKE, Measure.UNDERLYING_SHARES, Measure.EXERCISE_VALUE})
_NOT_ASKED: Mapping[Kind, frozenset[Measure]] = {
    Kind.EXERCISE_SHARES: _OF_DERIVATIVES,  # they stand in Table I
    Kind.AWARD: frozenset({Measure.STRIKE, Measure.EXERCISE_VALUE}),  # with a strike it is an option grant
    # A few are of derivatives (Table II), whose rows state a strike; but who asks purchases for it means the price.
    Kind.PURCHASE: _OF_DERIVATIVES,
    Kind.SALE: _OF_DERIVATIVES,
}


def measures_of(kind: Kind) -> frozenset[Measure]:
    """What a rule can ask of rows of this *kind*."""
    return frozenset(Measure) - _NOT_ASKED.get(kind, frozenset())


def facts_of(document: OwnershipDocument, filed_on: date | None) -> tuple[Fact, ...]:
    """A fact for each transaction row, Table I first; *filed_on* None: the filing lag is unknown."""
    derivative_codes = {
        row.transaction_code for row in document.derivative_table if isinstance(row, DerivativeTransaction)
    }
    facts = []
    for index, row in enumerate(document.non_derivative_table, 1):
        if isinstance(row, NonDerivativeTransaction):
            kind = KINDS.get(row.transaction_code, Kind.OTHER) if row.transaction_code else Kind.OTHER
            if kind in (Kind.EXERCISE, Kind.CONVERSION) and row.transaction_code in derivative_codes:
                kind = Kind.EXERCISE_SHARES  # Table II has the derivative itself: counting both would double it
            facts.append(_fact("I", index, kind, row, _measures(row, filed_on)))
    for index, entry in enumerate(document.derivative_table, 1):
        if isinstance(entry, DerivativeTransaction):
            kind = KINDS.get(entry.transaction_code, Kind.OTHER) if entry.transaction_code else Kind.OTHER
            if kind is Kind.AWARD and _is_option(entry):
                kind = Kind.OPTION_GRANT
            measures = _measures(entry, filed_on) | _derivative_measures(entry)
            facts.append(_fact("II", index, kind, entry, measures))
    return tuple(facts)


def _fact(table: str, row: int, kind: Kind, transaction: Transaction, measures: dict[Measure, Decimal]) -> Fact:
    return Fact(
        table=table,
        row=row,
        kind=kind,
        measures=measures,
        ownership=transaction.direct_or_indirect_ownership,
        transaction=transaction,
    )


def _measures(row: Transaction, filed_on: date | None) -> dict[Measure, Decimal]:
    shares, price = _sound(row.transaction_shares), _sound(row.transaction_price_per_share)
    value = _sound(row.transaction_total_value)
    if row.transaction_total_value is None and shares is not None and price is not None:
        value = shares * price
    stated = {
        Measure.SHARES: shares,
        Measure.PRICE: price,
        Measure.VALUE: value,
        Measure.OWNED_AFTER: _sound(row.shares_owned_following_transaction),
    }
    if filed_on and row.transaction_date and row.transaction_date <= filed_on:
        stated[Measure.FILING_LAG] = Decimal((filed_on - row.transaction_date).days)
    return {measure: number for measure, number in stated.items() if number is not None}


def _derivative_measures(row: DerivativeTransaction) -> dict[Measure, Decimal]:
    strike, underlying = _sound(row.conversion_or_exercise_price), _sound(row.underlying_security_shares)
    stated = {
        Measure.STRIKE: strike,
        Measure.UNDERLYING_SHARES: underlying,
        Measure.EXERCISE_VALUE: strike * underlying if strike is not None and underlying is not None else None,
    }
    return {measure: number for measure, number in stated.items() if number is not None}


def _sound(number: Decimal | None) -> Decimal | None:
    """*number*, or None where it is less than 0: no count, price or value is, so what is meant is unknown."""
    return None if number is None or number < 0 else number


def _is_option(row: DerivativeTransaction) -> bool:
    """Whether a grant in Table II has a price to pay: options, warrants, appreciation rights; units have none."""
    return bool(row.conversion_or_exercise_price) or bool(_OPTION.search(row.security_title or ""))
