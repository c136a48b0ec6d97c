"""What is odd in a document that can be read. It is told, never repaired."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from service.model.flag import Flag, FlagCode
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeTransaction,
    OwnershipDocument,
    Transaction,
    TransactionCode,
)
from service.words import counted

ROW_CAP = 30  # rows EDGAR accepts a table; what is over goes into another accession
PHANTOM = Decimal(100_000_000_000)  # USD; no insider's row was ever worth this much
_TRANSACTIONS = (NonDerivativeTransaction, DerivativeTransaction)
_SECTION_16 = date(1934, 6, 6)  # the Securities Exchange Act; nothing was reported before


def flags_of(document: OwnershipDocument) -> Iterator[Flag]:
    """Every oddity of *document* that its values show."""
    yield from _header(document)
    latest = max((s.signature_date for s in document.owner_signatures if s.signature_date), default=None)
    if document.period_of_report and _impossible(document.period_of_report, latest):
        yield _impossible_date("periodOfReport", document.period_of_report, None)
    defined = document.footnotes
    for title, table in (("Table I", document.non_derivative_table), ("Table II", document.derivative_table)):
        if len(table) >= ROW_CAP:
            yield Flag(
                code=FlagCode.ROW_CAP,
                message=f"{title} has {len(table)} rows, the most EDGAR accepts: the rest may stand in another filing",
                where=title,
            )
        for index, row in enumerate(table, 1):
            if row.footnotes:
                yield from _dangling(row.footnotes.values(), defined, f"{title} row {index}")
            if isinstance(row, _TRANSACTIONS):
                yield from _transaction(row, latest, f"{title} row {index}")


def _header(document: OwnershipDocument) -> Iterator[Flag]:
    if not document.issuer.symbols:
        filed = document.issuer.issuer_trading_symbol
        yield Flag(
            code=FlagCode.NO_SYMBOL,
            message=f"the trading symbol is {filed!r}" if filed else "no trading symbol is stated",
        )
    owners, signatures = len(document.reporting_owners), len(document.owner_signatures)
    if owners != signatures:
        yield Flag(
            code=FlagCode.SIGNATURES,
            message=f"{counted(owners, 'reporting owner')}, {counted(signatures, 'signature')}",
        )


def _transaction(row: Transaction, latest: date | None, where: str) -> Iterator[Flag]:
    code, direction = row.transaction_code, row.transaction_acquired_disposed_code
    if (code is TransactionCode.PURCHASE and direction is AcquiredDisposed.DISPOSED) or (
        code is TransactionCode.SALE and direction is AcquiredDisposed.ACQUIRED
    ):
        yield Flag(
            code=FlagCode.DIRECTION,
            message=f"code {code} ({code.name.lower()}) but marked {direction} ({direction.name.lower()})",
            where=where,
        )
    if row.transaction_date and _impossible(row.transaction_date, latest):
        yield _impossible_date("transactionDate", row.transaction_date, where)
    shares, price = row.transaction_shares, row.transaction_price_per_share
    if shares and price and shares * price > PHANTOM:
        yield Flag(
            code=FlagCode.PHANTOM_VALUE,
            message=f"{shares:,} at ${price:,} would be ${shares * price:,.0f}: hardly what was meant",
            where=where,
        )


def _impossible(day: date, latest: date | None) -> bool:
    return day < _SECTION_16 or (latest is not None and day > latest)


def _impossible_date(element: str, day: date, where: str | None) -> Flag:
    return Flag(
        code=FlagCode.IMPOSSIBLE_DATE,
        message=f"{element} {day.isoformat()} lies before section 16 existed or after the signature",
        where=where,
    )


def _dangling(cited: Iterable[Iterable[str]], defined: object, where: str) -> Iterator[Flag]:
    for number in dict.fromkeys(number for numbers in cited for number in numbers):
        if number not in defined:  # type: ignore[operator]
            yield Flag(
                code=FlagCode.DANGLING_FOOTNOTE,
                message=f"footnote {number or '(without a number)'} is cited, but not there",
                where=where,
            )
