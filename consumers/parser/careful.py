"""The careful reading: element by element, with all that is odd flagged, and kept as it was filed."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from consumers.parser.columns import Column, columns, day, field_name, number
from consumers.parser.limits import Limits
from consumers.parser.symbols import normalised
from consumers.parser.xml import text_of
from service.edgar.submission import OWNERSHIP_FORMS
from service.model.errors import UnusableDocument, UnusableReason
from service.model.filing import central_index_key
from service.model.flag import Flag, FlagCode
from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    Issuer,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnerAddress,
    OwnerRelationship,
    OwnershipDocument,
    OwnerSignature,
    ReportingOwner,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

S = TypeVar("S", bound=Struct)


_TABLES: Mapping[str, tuple[str, Mapping[str, tuple[type[Struct], Mapping[str, Column]]]]] = {
    "nonDerivativeTable": (
        "Table I",
        {
            "nonDerivativeTransaction": (NonDerivativeTransaction, columns(NonDerivativeTransaction)),
            "nonDerivativeHolding": (NonDerivativeHolding, columns(NonDerivativeHolding)),
        },
    ),
    "derivativeTable": (
        "Table II",
        {
            "derivativeTransaction": (DerivativeTransaction, columns(DerivativeTransaction)),
            "derivativeHolding": (DerivativeHolding, columns(DerivativeHolding)),
        },
    ),
}
_ROWS_OF_2003 = {"nonDerivativeSecurity": "nonDerivativeTable", "derivativeSecurity": "derivativeTable"}
_PRICE_OF_2003 = "transactionValue"
_SAID_TWICE = ValueError("it stands there twice and says two things")
_DOCUMENT = columns(OwnershipDocument)
_ISSUER = columns(Issuer)
_OWNER_ID = columns(ReportingOwner)
_ADDRESS = columns(OwnerAddress)
_RELATIONSHIP = columns(OwnerRelationship)
_SIGNATURE = columns(OwnerSignature)


def careful(root: "_Element", limits: Limits, flags: list[Flag]) -> OwnershipDocument:
    """The document under *root*, but for its flags: what is odd in how it is written is added to *flags*.

    Raises UnusableDocument.
    """
    return _Reading(limits, flags).document(root)


class _Reading:
    """One document being read carefully, element by element: what is odd in it gathers here, and in *flags*."""

    def __init__(self, limits: Limits, flags: list[Flag]) -> None:
        self._limits = limits
        self._flags = flags
        self._raw: dict[Box, str] = {}
        self._unrecognised: dict[str, str] = {}
        self._texts: dict[str, str] = {}  # what each element outside the tables says, by its path
        self._seen: dict[str, int] = {}  # how often a path was unrecognised

    def document(self, root: "_Element") -> OwnershipDocument:
        """The document under *root*."""
        fields: dict[str, Any] = {}
        owners: list[ReportingOwner] = []
        signatures: list[OwnerSignature] = []
        tables: dict[str, list[Any]] = {"nonDerivativeTable": [], "derivativeTable": []}
        footnotes: dict[FootnoteId, list[str]] = {}
        for child in root:
            tag = child.tag
            if tag in tables:
                self._table(child, tables[tag])
            elif tag == "reportingOwner":
                owners.append(self._owner(child, f"owner {len(owners) + 1}"))
            elif tag == "issuer" and tag not in fields:
                fields[tag] = self._issuer(child)
            elif tag == "footnotes":
                self._footnotes(child, footnotes)
            elif tag in _ROWS_OF_2003:
                self._row_of_2003(child, tables)
            elif tag == "ownerSignature":
                where = f"signature {len(signatures) + 1}"
                signatures.append(OwnerSignature(**self._fields(child, _SIGNATURE, where)))
            elif _has_code(child):
                raise UnusableDocument(
                    UnusableReason.UNKNOWN_ROWS, f"it has transactions in <{tag}>, which is unknown here"
                )
            else:
                self._read((child,), _DOCUMENT, "", fields)
        _needs("issuer", "issuer" in fields)
        _needs("documentType", fields.get("document_type") in OWNERSHIP_FORMS)
        _needs("reportingOwner", bool(owners))
        return OwnershipDocument(
            **fields,
            reporting_owners=tuple(owners),
            non_derivative_table=tuple(tables["nonDerivativeTable"]),
            derivative_table=tuple(tables["derivativeTable"]),
            footnotes={number: "\n".join(texts) for number, texts in footnotes.items()},
            owner_signatures=tuple(signatures),
            raw=self._raw,
            unrecognised=self._unrecognised,
        )

    def _table(self, table: "_Element", rows: list[Any]) -> None:
        for child in table:
            self._add(child, table.tag, rows)

    def _row_of_2003(self, row: "_Element", tables: Mapping[str, list[Any]]) -> None:
        """A row of schema X0101, right under the root: the schemas since then have the same boxes, by other names."""
        table = _ROWS_OF_2003[row.tag]
        row.tag = table.removesuffix("Table") + ("Transaction" if _has_code(row) else "Holding")
        for price in row.iter(_PRICE_OF_2003):
            price.tag = "transactionPricePerShare"
        self._add(row, table, tables[table])

    def _add(self, row: "_Element", table: str, rows: list[Any]) -> None:
        title, kinds = _TABLES[table]
        codes = sum([1 for code in row.iter("transactionCode") if text_of(code).strip()])
        if codes > (row.tag in kinds and not row.tag.endswith("Holding")):  # never silence: an alert can hang on it
            message = f"{title} has a <{row.tag}> with a transaction in it that has no place there"
            raise UnusableDocument(UnusableReason.UNKNOWN_ROWS, message)
        if row.tag not in kinds:
            self._unknown(f"{title}/{row.tag}", row)
            return
        if len(rows) >= self._limits.rows:
            raise UnusableDocument(UnusableReason.TOO_MANY, f"a table has more than {self._limits.rows:,} rows")
        kind, columns_ = kinds[row.tag]
        rows.append(self._row(row, kind, columns_, f"{title} row {len(rows) + 1}"))

    def _row(  # noqa: C901  # the hot loop: a call for each element would double its cost
        self, row: "_Element", kind: type[S], columns_: Mapping[str, Column], where: str
    ) -> S:
        """One row in one pass over its elements: the hot loop of the parser."""
        fields: dict[str, Any] = {}
        cited: dict[str, list[str]] = {}
        raw: dict[str, str] = {}
        texts: dict[str, str] = {}
        for element in row.iter("footnoteId"):
            box = field_name(element.getparent().tag)  # type: ignore[union-attr]  # it stands in the row
            cited.setdefault(box, []).append(element.get("id", ""))
        for element in row.iter():
            text = element.text
            if not text or not (text := text.strip()):
                continue
            tag = element.tag
            if tag == "value":
                tag = element.getparent().tag  # type: ignore[union-attr]  # likewise
            column = columns_.get(tag)
            if column is None or column[0] in texts:
                self._keep(f"{where}/{tag}", text)
                if column is not None and _contradict(texts[column[0]], text, column):
                    fields.pop(column[0], None)
                    raw[column[0]] = texts[column[0]]
                    self._unreadable(column[0], _SAID_TWICE, where)
                continue
            box, read = column
            texts[box] = text
            try:
                fields[box] = read(text)
            except (ValueError, KeyError) as error:
                raw[box] = text
                self._unreadable(box, error, where)
            else:
                if read is day and len(text) != 10:
                    raw[box] = text
                elif read is number and text[0] == "-" and fields[box] < 0:
                    message = f"{tag} is {text}, and no count, price or value is less than 0; rules take it as unknown"
                    self._flag(FlagCode.NEGATIVE, message, where)
        if cited:
            fields["footnotes"] = {box: tuple(numbers) for box, numbers in cited.items()}
        if raw:
            fields["raw"] = raw
        return kind(**fields)

    def _fields(self, element: "_Element", columns_: Mapping[str, Column], where: str) -> dict[str, Any]:
        """The scalar fields right under *element*, outside the tables."""
        fields: dict[str, Any] = {}
        self._read(element, columns_, where, fields)
        return fields

    def _read(
        self, leaves: "Iterable[_Element]", columns_: Mapping[str, Column], where: str, fields: dict[str, Any]
    ) -> None:
        """Add what *leaves* say to *fields*; what they should not say is kept apart."""
        for leaf in leaves:
            text = text_of(leaf) if len(leaf) else leaf.text
            if not text or not (text := text.strip()):
                continue
            tag = leaf.tag
            column = columns_.get(tag)
            key = f"{where}/{tag}" if where else tag
            if column is None or key in self._texts:
                self._keep(key, text)
                if column is not None and _contradict(self._texts[key], text, column):
                    self._nothing(column[0], _SAID_TWICE, where, fields, columns_)
                    self._raw[Box(f"{where}.{column[0]}" if where else column[0])] = self._texts[key]
                continue
            name, read = column
            self._texts[key] = text
            try:
                value = fields[name] = read(text)
            except (ValueError, KeyError) as error:
                self._nothing(name, error, where, fields, columns_)
            else:
                if (read is not day or len(text) == 10) and (read is not central_index_key or value == text):
                    continue
            self._raw[Box(f"{where}.{name}" if where else name)] = text

    def _nothing(
        self, name: str, error: Exception, where: str, fields: dict[str, Any], columns_: Mapping[str, Column]
    ) -> None:
        """That box *name* says nothing that can be used."""
        self._unreadable(name, error, where)
        fields.pop(name, None)
        if columns_ is _RELATIONSHIP:
            fields[name] = None  # a box that is not readable is not a box that is not ticked

    def _issuer(self, element: "_Element") -> Issuer:
        fields = self._fields(element, _ISSUER, "issuer")
        _needs("issuerCik", "issuer_cik" in fields)
        symbols = normalised(str(fields.get("issuer_trading_symbol", "")))
        return Issuer(**fields, symbols=symbols)

    def _owner(self, element: "_Element", where: str) -> ReportingOwner:
        fields: dict[str, Any] = {}
        for group in element:
            if group.tag == "reportingOwnerAddress" and "address" not in fields:
                fields["address"] = OwnerAddress(**self._fields(group, _ADDRESS, where))
            elif group.tag == "reportingOwnerRelationship" and "relationship" not in fields:
                fields["relationship"] = OwnerRelationship(**self._fields(group, _RELATIONSHIP, where))
            elif group.tag == "reportingOwnerId":
                self._read(group, _OWNER_ID, where, fields)
            else:
                self._unknown(f"{where}/{group.tag}", group)
        _needs("rptOwnerCik", "rpt_owner_cik" in fields)
        return ReportingOwner(**fields)

    def _footnotes(self, element: "_Element", footnotes: dict[FootnoteId, list[str]]) -> None:
        for footnote in element:
            text = (text_of(footnote) if len(footnote) else footnote.text or "").strip()
            footnotes.setdefault(FootnoteId(footnote.get("id", "")), []).append(text)

    def _unknown(self, path: str, element: "_Element") -> None:
        if text := text_of(element).strip():
            self._keep(path, text)

    def _keep(self, path: str, text: str) -> None:
        """Keep what this version does not know, rather than lose it."""
        if len(self._unrecognised) >= self._limits.unrecognised:
            raise UnusableDocument(
                UnusableReason.TOO_MANY,
                f"it has more than {self._limits.unrecognised:,} elements that are unknown here",
            )
        count = self._seen[path] = self._seen.get(path, 0) + 1
        key = path if count == 1 else f"{path} ({count})"
        self._unrecognised[key] = text
        self._flag(FlagCode.UNRECOGNISED, f"{key} is unknown here, or stands there twice; kept as it is", None)

    def _unreadable(self, box: str, error: Exception, where: str | None) -> None:
        self._flag(FlagCode.UNREADABLE_VALUE, f"{box}: {error}; taken as unknown", where)

    def _flag(self, code: FlagCode, message: str, where: str | None) -> None:
        self._flags.append(Flag(code=code, message=message, where=where or None))


def _needs(element: str, there: bool) -> None:
    if not there:
        raise UnusableDocument(
            UnusableReason.MISSING_FIELD, f"it has no usable <{element}>, without which it says nothing"
        )


def _contradict(first: str, second: str, column: Column) -> bool:
    """Whether one box says two things: of a text the first one counts, of anything else none does."""
    return first != second and column[1] is not str


def _has_code(element: "_Element") -> bool:
    return next(element.iter("transactionCoding"), None) is not None
