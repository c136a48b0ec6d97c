"""Bytes of a filing to its OwnershipDocument."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from lxml import etree
from msgspec import Struct

from consumers.parser.columns import Column, columns, day, field_name
from consumers.parser.flags import flags_of
from consumers.parser.symbols import normalised
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import Reason, UnusableDocument
from service.model.filing import central_index_key
from service.model.ownership import (
    Box,
    DerivativeHolding,
    DerivativeTransaction,
    Flag,
    FlagCode,
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


class Limits(Struct, frozen=True, kw_only=True):
    """What a document may cost before it is refused."""

    submission_bytes: int = 64 * 1024 * 1024  # exhibits count here
    xml_bytes: int = 8 * 1024 * 1024  # the largest seen is under 200 KiB
    rows: int = 1000  # of one table; EDGAR accepts 30


_ROWS: Mapping[str, tuple[type[Struct], Mapping[str, Column], str]] = {
    "nonDerivativeTransaction": (NonDerivativeTransaction, columns(NonDerivativeTransaction), "Table I"),
    "nonDerivativeHolding": (NonDerivativeHolding, columns(NonDerivativeHolding), "Table I"),
    "derivativeTransaction": (DerivativeTransaction, columns(DerivativeTransaction), "Table II"),
    "derivativeHolding": (DerivativeHolding, columns(DerivativeHolding), "Table II"),
}
_DOCUMENT = columns(OwnershipDocument)
_ISSUER = columns(Issuer)
_OWNER_ID = columns(ReportingOwner)
_ADDRESS = columns(OwnerAddress)
_RELATIONSHIP = columns(OwnerRelationship)
_SIGNATURE = columns(OwnerSignature)
_CREDENTIAL = "rptOwnerCcc"  # the filer's EDGAR access code; it never belongs in public, so it is not kept


def parse(data: bytes, limits: Limits = Limits()) -> OwnershipDocument:
    """The ownership document in *data*: bare XML, or a full submission in any dialect.

    Raises UnusableDocument, and nothing else, whatever the bytes.
    """
    if not data or data.isspace():
        raise UnusableDocument(Reason.EMPTY, "there is nothing in it")
    _within(len(data), limits.submission_bytes, "submission")
    xml = data
    if is_submission(data):
        found = ownership_xml(data)
        if found is None:
            raise UnusableDocument(
                Reason.NO_OWNERSHIP_XML, "the submission holds no ownership XML (a paper filing, or cut off)"
            )
        xml = found
    _within(len(xml), limits.xml_bytes, "ownership XML")
    reading = _Reading(limits)
    return reading.document(reading.root(xml))


def _within(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise UnusableDocument(Reason.TOO_LARGE, f"the {what} has {size:,} bytes; the limit is {limit:,}")


class _Reading:
    """One document being read: what is odd in it gathers here."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._flags: list[Flag] = []
        self._raw: dict[Box, str] = {}
        self._unrecognised: dict[str, str] = {}

    def root(self, xml: bytes) -> "_Element":
        """The root of *xml*, with every way out of the document closed."""
        try:
            root = etree.fromstring(xml, _parser())
        except etree.XMLSyntaxError as error:
            root = self._declared_wrongly(xml, error)
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnusableDocument(Reason.DOCTYPE, "it declares a document type, which no filing does and attacks do")
        if root.tag.startswith("{"):
            for element in root.iter():
                element.tag = etree.QName(element).localname
        if root.tag != "ownershipDocument":
            raise UnusableDocument(
                Reason.NOT_OWNERSHIP, f"its root element is <{root.tag[:60]}>, not <ownershipDocument>"
            )
        return root

    def document(self, root: "_Element") -> OwnershipDocument:
        """The document under *root*."""
        fields: dict[str, Any] = {}
        owners: list[ReportingOwner] = []
        signatures: list[OwnerSignature] = []
        tables: dict[str, list[Any]] = {"nonDerivativeTable": [], "derivativeTable": []}
        footnotes: dict[FootnoteId, str] = {}
        for child in root:
            tag = child.tag
            if tag in tables:
                self._table(child, tables[tag])
            elif tag == "reportingOwner":
                owners.append(self._owner(child))
            elif tag == "issuer":
                fields["issuer"] = self._issuer(child)
            elif tag == "footnotes":
                self._footnotes(child, footnotes)
            elif tag == "ownerSignature":
                signatures.append(OwnerSignature(**self._fields(child, _SIGNATURE, "signature")))
            else:
                self._leaf(child, _DOCUMENT, "", fields)
        if "issuer" not in fields:
            raise _missing("issuer")
        if "document_type" not in fields:
            raise _missing("documentType")
        if not owners:
            raise _missing("reportingOwner")
        document = OwnershipDocument(
            **fields,
            reporting_owners=tuple(owners),
            non_derivative_table=tuple(tables["nonDerivativeTable"]),
            derivative_table=tuple(tables["derivativeTable"]),
            footnotes=footnotes,
            owner_signatures=tuple(signatures),
            raw=self._raw,
            unrecognised=self._unrecognised,
        )
        flags = (*self._flags, *flags_of(document))
        return msgspec.structs.replace(document, flags=flags) if flags else document

    def _table(self, table: "_Element", rows: list[Any]) -> None:
        for child in table:
            known = _ROWS.get(child.tag)
            if known is None:
                self._unknown(f"{table.tag}/{child.tag}", _text(child))
                continue
            if len(rows) >= self._limits.rows:
                raise UnusableDocument(Reason.TOO_MANY_ROWS, f"a table has more than {self._limits.rows:,} rows")
            kind, columns_, title = known
            rows.append(self._row(child, kind, columns_, f"{title} row {len(rows) + 1}"))

    def _row(self, row: "_Element", kind: type[S], columns_: Mapping[str, Column], where: str) -> S:
        """One row in one pass over its elements: the hot loop of the parser."""
        fields: dict[str, Any] = {}
        footnotes: dict[str, tuple[str, ...]] = {}
        raw: dict[str, str] = {}
        tag = row.tag
        for element in row.iter():
            name = element.tag
            if name == "footnoteId":
                cited = element.getparent().tag  # type: ignore[union-attr]  # it stands in the row
                box = columns_[cited][0] if cited in columns_ else field_name(cited)
                footnotes[box] = (*footnotes.get(box, ()), element.get("id", ""))
                continue
            if name != "value":
                tag = name
            text = element.text
            if not text or not (text := text.strip()):
                continue
            column = columns_.get(tag)
            if column is None or column[0] in fields:
                self._unknown(f"{where}/{tag}", text)
                continue
            box, read = column
            try:
                fields[box] = read(text)
            except (ValueError, KeyError) as error:
                raw[box] = text
                self._unreadable(box, error, where)
            else:
                if read is day and len(text) != 10:
                    raw[box] = text
        return kind(**fields, footnotes=footnotes, raw=raw)

    def _fields(self, element: "_Element", columns_: Mapping[str, Column], where: str) -> dict[str, Any]:
        """The scalar fields right under *element*, outside the tables."""
        fields: dict[str, Any] = {}
        for leaf in element:
            self._leaf(leaf, columns_, where, fields)
        return fields

    def _leaf(self, leaf: "_Element", columns_: Mapping[str, Column], where: str, fields: dict[str, Any]) -> None:
        """Add what *leaf* says to *fields*; what it should not say is kept apart."""
        text = leaf.text
        if text is None and len(leaf):
            text = _text(leaf)
        if not text or not (text := text.strip()):
            return
        tag = leaf.tag
        column = columns_.get(tag)
        if column is None or column[0] in fields:
            if tag == _CREDENTIAL:
                self._flag(FlagCode.CREDENTIAL, "holds a filer's EDGAR access code, which is left out here", where)
            else:
                self._unknown(f"{where}/{tag}" if where else tag, text)
            return
        name, read = column
        try:
            value = fields[name] = read(text)
        except (ValueError, KeyError) as error:
            self._unreadable(name, error, where)
        else:
            if (read is not day or len(text) == 10) and (read is not central_index_key or value == text):
                return
        self._raw[Box(f"{where}.{name}" if where else name)] = text

    def _issuer(self, element: "_Element") -> Issuer:
        fields = self._fields(element, _ISSUER, "issuer")
        if "issuer_cik" not in fields:
            raise _missing("issuerCik")
        symbols = normalised(str(fields.get("issuer_trading_symbol", "")))
        return Issuer(**fields, symbols=symbols)

    def _owner(self, element: "_Element") -> ReportingOwner:
        fields: dict[str, Any] = {}
        for group in element:
            if group.tag == "reportingOwnerAddress":
                fields["address"] = OwnerAddress(**self._fields(group, _ADDRESS, "owner"))
            elif group.tag == "reportingOwnerRelationship":
                fields["relationship"] = OwnerRelationship(**self._fields(group, _RELATIONSHIP, "owner"))
            else:
                fields.update(self._fields(group, _OWNER_ID, "owner"))
        if "rpt_owner_cik" not in fields:
            raise _missing("rptOwnerCik")
        return ReportingOwner(**fields)

    def _footnotes(self, element: "_Element", footnotes: dict[FootnoteId, str]) -> None:
        for footnote in element:
            number = FootnoteId(footnote.get("id", ""))
            text = (_text(footnote) if len(footnote) else footnote.text or "").strip()
            footnotes[number] = f"{footnotes[number]}\n{text}" if number in footnotes else text

    def _declared_wrongly(self, xml: bytes, error: etree.XMLSyntaxError) -> "_Element":
        """*xml* read as Windows-1252 if only its characters are wrong; raises for every other fault."""
        try:
            xml.decode("utf-8")
        except UnicodeDecodeError:
            try:
                root = etree.fromstring(xml, _parser("windows-1252"))
            except etree.XMLSyntaxError:
                pass
            else:
                self._flag(FlagCode.ENCODING, "its characters are not what it declares; read as Windows-1252", None)
                return root
        raise UnusableDocument(Reason.MALFORMED_XML, f"its XML cannot be read: {error.msg}") from error

    def _unknown(self, path: str, text: str) -> None:
        """Keep what this version does not know, rather than lose it."""
        while path in self._unrecognised:
            path += "+"
        self._unrecognised[path] = text
        self._flag(FlagCode.UNRECOGNISED, f"{path} is unknown here, or stands there twice; kept as it is", None)

    def _unreadable(self, box: str, error: Exception, where: str | None) -> None:
        self._flag(FlagCode.UNREADABLE_VALUE, f"{box}: {error}; taken as unknown", where)

    def _flag(self, code: FlagCode, message: str, where: str | None) -> None:
        self._flags.append(Flag(code=code, message=message, where=where or None))


def _text(element: "_Element") -> str:
    return "".join(map(str, element.itertext()))


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=True,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )


def _missing(element: str) -> UnusableDocument:
    return UnusableDocument(Reason.MISSING_FIELD, f"it has no usable <{element}>, without which it says nothing")
