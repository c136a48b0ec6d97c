"""``parse``: what a form says."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from consumers.parser import parse as parse_document
from consumers.words import money, owner_text, plain
from service.cli.screen import Screen
from service.model.errors import ConfigError, UnusableDocument
from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipDocument,
)
from service.text import legible, one_line
from service.wire import encode

Row = NonDerivativeTransaction | NonDerivativeHolding | DerivativeTransaction | DerivativeHolding


def parse(file: str, *, as_json: bool) -> None:
    """Show the document in *file*."""
    try:
        document = parse_document(read(file))
    except UnusableDocument as error:
        print(one_line(f"filingbell: {file}: {error} ({error.reason})"), file=sys.stderr)
        raise typer.Exit(1) from error
    if as_json:
        sys.stdout.write(encode(document).decode() + "\n")
        return
    _show(legible(document), Screen())


def read(file: str) -> bytes:
    """The bytes of *file*, or of standard input for ``-``; raises ConfigError if it cannot be read."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error


def _show(document: OwnershipDocument, console: Console) -> None:
    issuer = document.issuer
    version = document.schema_version or "without schema version"
    console.print(Text(f"Form {document.document_type} ({version})", style="bold"))
    symbols = f" [{issuer.issuer_trading_symbol}]" if issuer.issuer_trading_symbol else ""
    console.print(Text(f"Issuer   {issuer.issuer_name or 'unnamed'}{symbols}, CIK {issuer.issuer_cik}"))
    for owner in document.reporting_owners:
        console.print(Text(f"Owner    {owner_text(owner)}, CIK {owner.rpt_owner_cik}"))
    console.print(Text(f"Period   {document.period_of_report or 'not stated'}"))
    if document.date_of_original_submission:
        console.print(Text(f"Amends   a filing of {document.date_of_original_submission}"))
    for name in ("not_subject_to_section16", "no_securities_owned", "aff10b5_one"):
        value = getattr(document, name)
        if value is not None:
            console.print(Text(f"{name}: {'yes' if value else 'no'}", style="dim"))
    for title, rows in (("Table I", document.non_derivative_table), ("Table II", document.derivative_table)):
        if rows:
            _rows(title, rows, console)
    _show_end(document, console)


def _show_end(document: OwnershipDocument, console: Console) -> None:
    """Footnotes, remarks, signatures, and what is odd."""
    for number, text in document.footnotes.items():
        console.print(Text.assemble((f"{number}  ", "bold"), text))
    if document.remarks:
        console.print(Text(f"Remarks: {document.remarks}"))
    for signature in document.owner_signatures:
        console.print(Text(f"Signed {signature.signature_name}, {signature.signature_date or 'no date'}", style="dim"))
    for flag in document.flags:
        console.print(Text(f"Odd: {flag.message}{f' ({flag.where})' if flag.where else ''}", style="yellow"))


def _rows(title: str, rows: Sequence[Row], console: Console) -> None:
    """One sentence a row; every box shows the footnotes it cites."""
    console.print(Text(title, style="bold"))
    for number, row in enumerate(rows, 1):
        console.print(Text.assemble((f"{number:>3}  ", "dim"), "; ".join(_boxes(row))))


def _boxes(row: Row) -> Iterator[str]:
    def box(name: str, value: date | str | None) -> str:
        text = None if value is None else str(value)
        notes = ",".join(row.footnotes.get(Box(name), ()))
        return " ".join(part for part in (text, f"({notes})" if notes else "") if part)

    def first(*found: tuple[str, Decimal | None, Callable[[Decimal], str]]) -> str:
        return " ".join(
            part for name, value, show in found if (part := box(name, None if value is None else show(value)))
        )

    title = box("security_title", row.security_title)
    if isinstance(row, NonDerivativeTransaction | DerivativeTransaction):
        code, direction = row.transaction_code, row.transaction_acquired_disposed_code
        yield f"{box('transaction_date', row.transaction_date)} " + box(
            "transaction_coding",
            f"{code or '?'} {code.name.lower().replace('_', ' ') if code else 'no code'}"
            f"{f', {direction.name.lower()}' if direction else ''}",
        )
        shares = first(
            ("transaction_shares", row.transaction_shares, plain),
            ("transaction_total_value", row.transaction_total_value, money),
        )
        price = box("transaction_price_per_share", _money(row.transaction_price_per_share))
        yield f"{shares or '?'} {title} at {price or '?'}"
    else:
        yield f"held: {title}"
    if isinstance(row, DerivativeTransaction | DerivativeHolding):
        yield f"strike {box('conversion_or_exercise_price', _money(row.conversion_or_exercise_price)) or '?'}"
        underlying = first(
            ("underlying_security_shares", row.underlying_security_shares, plain),
            ("underlying_security_value", row.underlying_security_value, money),
        )
        yield f"underlying {underlying or '?'} {box('underlying_security_title', row.underlying_security_title)}"
        yield f"exercisable {box('exercise_date', row.exercise_date) or '?'}"
        yield f"expires {box('expiration_date', row.expiration_date) or '?'}"
    after = first(
        ("shares_owned_following_transaction", row.shares_owned_following_transaction, plain),
        ("value_owned_following_transaction", row.value_owned_following_transaction, money),
    )
    ownership = row.direct_or_indirect_ownership
    nature = box("nature_of_ownership", row.nature_of_ownership)
    held = box("direct_or_indirect_ownership", ownership.name.lower() if ownership else None)
    yield f"{after or '?'} owned after, {held or '?'}{f' ({nature})' if nature else ''}"


def _money(number: Decimal | None) -> str | None:
    return None if number is None else money(number)
