"""``parse``: what a form says."""

import sys
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumers.parser import parse as parse_document
from consumers.words import money, plain
from service.model.errors import ConfigError, UnusableDocument
from service.model.ownership import OwnershipDocument, ReportingOwner
from service.wire import encode


def parse(file: str, *, as_json: bool) -> None:
    """Show the document in *file*."""
    try:
        document = parse_document(read(file))
    except UnusableDocument as error:
        print(f"insiderwire: {file}: {error} ({error.reason})", file=sys.stderr)
        raise typer.Exit(1) from error
    if as_json:
        sys.stdout.write(encode(document).decode() + "\n")
        return
    _show(document, Console())


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
        console.print(Text(f"Owner    {_owner(owner)}"))
    console.print(Text(f"Period   {document.period_of_report or 'not stated'}"))
    if document.date_of_original_submission:
        console.print(Text(f"Amends   a filing of {document.date_of_original_submission}"))
    for name in ("not_subject_to_section16", "no_securities_owned", "aff10b5_one"):
        value = getattr(document, name)
        if value is not None:
            console.print(Text(f"{name}: {'yes' if value else 'no'}", style="dim"))
    for title, rows in (("Table I", document.non_derivative_table), ("Table II", document.derivative_table)):
        if rows:
            console.print(_table(title, rows))
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


def _owner(owner: ReportingOwner) -> str:
    tie = owner.relationship
    roles = [
        word
        for word, ticked in (
            ("director", tie.is_director),
            (f"officer ({tie.officer_title})" if tie.officer_title else "officer", tie.is_officer),
            ("10% owner", tie.is_ten_percent_owner),
            (f"other ({tie.other_text})" if tie.other_text else "other", tie.is_other),
        )
        if ticked
    ]
    return f"{owner.rpt_owner_name or 'unnamed'}, CIK {owner.rpt_owner_cik}: {', '.join(roles) or 'no role ticked'}"


def _table(title: str, rows: Any) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in (
        "#",
        "Security",
        "Date",
        "Code",
        "Shares",
        "Price",
        "Strike",
        "Underlying",
        "Expires",
        "After",
        "D/I",
    ):
        table.add_column(heading, justify="right" if heading in ("#", "Shares", "Price", "Strike", "After") else "left")
    for number, row in enumerate(rows, 1):
        cell = _Cells(row)
        direction = getattr(row, "transaction_acquired_disposed_code", None)
        code = f"{cell.text('transaction_code')}{f' ({direction})' if direction else ''}"
        shares = cell.number("transaction_shares") or cell.money("transaction_total_value")
        underlying = cell.number("underlying_security_shares") or cell.money("underlying_security_value")
        after = cell.number("shares_owned_following_transaction") or cell.money("value_owned_following_transaction")
        table.add_row(
            str(number),
            cell.text("security_title"),
            cell.text("transaction_date"),
            code if hasattr(row, "transaction_code") else "held",
            shares,
            cell.money("transaction_price_per_share"),
            cell.money("conversion_or_exercise_price"),
            f"{underlying} {cell.text('underlying_security_title')}".strip(),
            cell.text("expiration_date"),
            after,
            f"{cell.text('direct_or_indirect_ownership')} {cell.text('nature_of_ownership')}".strip(),
        )
    return table


class _Cells:
    """A row's boxes as text, each with the footnotes it cites; a box with only footnotes shows just those."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def text(self, box: str) -> str:
        value = getattr(self._row, box, None)
        return self._with_notes(box, None if value is None else str(value))

    def number(self, box: str) -> str:
        value = getattr(self._row, box, None)
        return self._with_notes(box, None if value is None else plain(value))

    def money(self, box: str) -> str:
        value = getattr(self._row, box, None)
        return self._with_notes(box, None if value is None else money(value))

    def _with_notes(self, box: str, text: str | None) -> str:
        notes = ",".join(self._row.footnotes.get(box, ()))
        return " ".join(part for part in (text, f"({notes})" if notes else "") if part)
