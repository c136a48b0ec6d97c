"""A whole form as people read it, whatever shows it."""

from collections.abc import Iterator

from msgspec import Struct

from consumers.form.codes import meaning
from consumers.form.columns import FormTable, table
from consumers.form.head import TITLES, Head, head
from service.model.flag import Flag
from service.model.ownership import DerivativeTransaction, FootnoteId, NonDerivativeTransaction, OwnershipDocument
from service.text import legible


class Signature(Struct, frozen=True, kw_only=True):
    """Who signed, and when."""

    name: str | None
    day: str | None


class Form(Struct, frozen=True, kw_only=True):
    """Every box of a form 3, 4 or 5. Each text is one line of what can be seen, whatever was filed."""

    type: str  # "4", "4/A", ...
    title: str
    version: str | None  # of the schema
    head: Head
    tables: tuple[FormTable, ...]
    codes: tuple[str, ...]  # what the transaction codes in them mean
    footnotes: tuple[tuple[FootnoteId, str], ...]
    remarks: str | None
    signatures: tuple[Signature, ...]
    flags: tuple[Flag, ...]
    besides: tuple[tuple[str, str], ...]  # what was filed that is in no box, or is read otherwise: its place, its text


def form_of(filed: OwnershipDocument) -> Form:
    """What was *filed*, as the form that it is."""
    document = legible(filed)
    return Form(
        type=document.document_type,
        title=TITLES[document.document_type[0]],
        version=document.schema_version,
        head=head(document),
        tables=(
            table("I", document.document_type, document.non_derivative_table),
            table("II", document.document_type, document.derivative_table),
        ),
        codes=tuple(_codes(document)),
        footnotes=tuple((number, _prose(text)) for number, text in document.footnotes.items()),
        remarks=_prose(document.remarks) if document.remarks else None,
        signatures=tuple(
            Signature(name=one.signature_name, day=str(one.signature_date) if one.signature_date else None)
            for one in document.owner_signatures
        ),
        flags=document.flags,
        besides=(*document.raw.items(), *document.unrecognised.items()),
    )


def _prose(text: str) -> str:
    """*text* without the runs of spaces that filers' line ends leave."""
    return " ".join(text.split())


def _codes(document: OwnershipDocument) -> Iterator[str]:
    rows = (*document.non_derivative_table, *document.derivative_table)
    traded = [row for row in rows if isinstance(row, NonDerivativeTransaction | DerivativeTransaction)]
    for code in dict.fromkeys(row.transaction_code for row in traded):
        if code is not None:
            yield f"Code {code}: {meaning(code)}"
    if any(row.equity_swap_involved for row in traded):
        yield "Code /K: an equity swap or a similar instrument is involved"
    if any(row.transaction_timeliness for row in traded):
        yield "Code V: reported voluntarily, earlier than required; late: reported later than required"
