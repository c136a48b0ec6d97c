"""What is odd in a document that can be read. It is told, never repaired."""

from collections.abc import Container
from datetime import date
from decimal import Decimal

from service.model.flag import Flag, FlagCode
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipDocument,
    Transaction,
    TransactionCode,
)
from service.words import counted

ROW_CAP = 30  # rows EDGAR accepts a table; what is over goes into another accession
PHANTOM = Decimal(100_000_000_000)  # USD; no insider's row was ever worth this much
Row = Transaction | NonDerivativeHolding | DerivativeHolding
_TRANSACTIONS = (NonDerivativeTransaction, DerivativeTransaction)
_PURCHASE, _SALE = TransactionCode.PURCHASE, TransactionCode.SALE
_ACQUIRED, _DISPOSED = AcquiredDisposed
SECTION_16 = date(1934, 6, 6)  # the Securities Exchange Act; nothing was reported before


def flags_of(document: OwnershipDocument) -> list[Flag]:
    """Every oddity of *document* that its values show."""
    flags = _header(document)
    latest = max([s.signature_date for s in document.owner_signatures if s.signature_date], default=None)
    if document.period_of_report and _impossible(document.period_of_report, latest):
        message = _before_or_after("periodOfReport", document.period_of_report)
        flags.append(Flag(code=FlagCode.IMPOSSIBLE_DATE, message=message))
    for title, table in (("Table I", document.non_derivative_table), ("Table II", document.derivative_table)):
        if len(table) >= ROW_CAP:
            message = f"{title} has {len(table)} rows, the most EDGAR accepts: the rest may stand in another filing"
            flags.append(Flag(code=FlagCode.ROW_CAP, message=message, where=title))
        for index, row in enumerate(table, 1):
            for code, message in _row(row, document.footnotes, latest):
                flags.append(Flag(code=code, message=message, where=f"{title} row {index}"))
    return flags


def _header(document: OwnershipDocument) -> list[Flag]:
    flags = []
    if not document.issuer.symbols:
        filed = document.issuer.issuer_trading_symbol
        message = f"the trading symbol is {filed!r}" if filed else "no trading symbol is stated"
        flags.append(Flag(code=FlagCode.NO_SYMBOL, message=message))
    owners, signatures = len(document.reporting_owners), len(document.owner_signatures)
    if owners != signatures:
        message = f"{counted(owners, 'reporting owner')}, {counted(signatures, 'signature')}"
        flags.append(Flag(code=FlagCode.SIGNATURES, message=message))
    return flags


def _row(row: Row, defined: Container[FootnoteId], latest: date | None) -> list[tuple[FlagCode, str]]:
    """What is odd in *row*; nearly always nothing, so that each question is asked as cheaply as can be."""
    odd = []
    for numbers in row.footnotes.values():
        for number in numbers:
            if number not in defined:
                message = f"footnote {number or '(without a number)'} is cited, but not there"
                odd.append((FlagCode.DANGLING_FOOTNOTE, message))
    if odd:
        odd = list(dict.fromkeys(odd))
    if not isinstance(row, _TRANSACTIONS):
        return odd
    code, direction = row.transaction_code, row.transaction_acquired_disposed_code
    if (code is _PURCHASE and direction is _DISPOSED) or (code is _SALE and direction is _ACQUIRED):
        message = f"code {code} ({code.name.lower()}) but marked {direction} ({direction.name.lower()})"
        odd.append((FlagCode.DIRECTION, message))
    day, shares, price = row.transaction_date, row.transaction_shares, row.transaction_price_per_share
    if day and _impossible(day, latest):
        odd.append((FlagCode.IMPOSSIBLE_DATE, _before_or_after("transactionDate", day)))
    if shares and price and shares * price > PHANTOM:
        message = f"{shares:,} at ${price:,} would be ${shares * price:,.0f}: hardly what was meant"
        odd.append((FlagCode.PHANTOM_VALUE, message))
    return odd


def _impossible(day: date, latest: date | None) -> bool:
    return day < SECTION_16 or (latest is not None and day > latest)


def _before_or_after(element: str, day: date) -> str:
    return f"{element} {day.isoformat()} lies before section 16 existed or after the signature"
