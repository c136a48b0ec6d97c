"""Hostile bytes to the root of an ownership document, with every way out of the document closed."""

import re
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from consumers.parser.mend import mended
from service.model.errors import UnusableDocument, UnusableReason
from service.model.flag import Flag, FlagCode

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_ENCODINGS = re.compile(r"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d")
_TWICE = re.compile(r"line (\d+), (?=line \1\b)")  # libxml2 says where a tag began, and where it is at its end
_CREDENTIAL = "{*}rptOwnerCcc"  # the filer's EDGAR access code; it never belongs in public, so it is not kept


def root_of(xml: bytes) -> "tuple[_Element, list[Flag]]":
    """The root of *xml* and what is odd about it; raises UnusableDocument.

    Comments and processing instructions are gone, namespaces too, and so are filers' credentials.
    """
    xml = _readable(xml)
    try:
        root, flags = _parsed(xml)
    except etree.XMLSyntaxError as error:
        root, flags = _mended(xml, error)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if root.tag.startswith("{"):
        for element in root.iter():
            element.tag = etree.QName(element).localname
    if root.tag != "ownershipDocument":
        raise UnusableDocument(
            UnusableReason.NOT_OWNERSHIP, f"its root element is <{root.tag[:60]}>, not <ownershipDocument>"
        )
    for secret in list(root.iter(_CREDENTIAL)):
        secret.getparent().remove(secret)  # type: ignore[union-attr]  # it stands under the root
        message = "holds a filer's EDGAR access code, which is left out here"
        flags.append(Flag(code=FlagCode.CREDENTIAL, message=message))
    return root, flags


def text_of(element: "_Element") -> str:
    """All text under *element*."""
    return "".join(map(str, element.itertext()))


def _readable(xml: bytes) -> bytes:
    """*xml* in an encoding in which markup looks like ASCII, and without a document type; raises UnusableDocument.

    Only so is it certain that the parser meets nothing that was not looked for here: it knows encodings, such as
    UTF-7, in which a document type hides.
    """
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            xml = _DECLARATION.sub("", xml.decode("utf-16").lstrip("\ufeff"), count=1).encode("utf-8")
        except UnicodeError as error:
            raise UnusableDocument(UnusableReason.MALFORMED_XML, "it begins as UTF-16, but is not") from error
    if b"\0" in xml:
        raise UnusableDocument(UnusableReason.MALFORMED_XML, "it holds NUL characters, which no XML may")
    declared = _ENCODING.match(xml)
    if declared and not _ENCODINGS.fullmatch(declared[1].decode().lower()):
        raise UnusableDocument(UnusableReason.MALFORMED_XML, f"it declares the encoding {declared[1].decode()[:40]!r}")
    if b"!" in xml and b"<!DOCTYPE" in xml:  # the mark is rare, and a single byte is found ten times as fast
        raise _doctype()
    return xml


def _doctype() -> UnusableDocument:
    return UnusableDocument(UnusableReason.DOCTYPE, "it declares a document type, which no filing does and attacks do")


def _parsed(xml: bytes) -> "tuple[_Element, list[Flag]]":
    """The root of *xml*, read as Windows-1252 if only its characters are wrong; raises XMLSyntaxError."""
    try:
        return etree.fromstring(xml, _parser()), []
    except etree.XMLSyntaxError:
        try:
            xml.decode("utf-8")
        except UnicodeDecodeError:
            message = "its characters are not what it declares; read as Windows-1252"
            return etree.fromstring(xml, _parser("windows-1252")), [Flag(code=FlagCode.ENCODING, message=message)]
        raise


def _mended(xml: bytes, error: etree.XMLSyntaxError) -> "tuple[_Element, list[Flag]]":
    """The root of *xml*, which has *error*, where it can be meant in one way only; raises UnusableDocument."""
    what = _TWICE.sub("", error.msg)
    for text, changed in mended(xml):
        try:
            root, flags = _parsed(_readable(text))
        except etree.XMLSyntaxError:
            continue
        if changed:
            message = f"it is no well-formed XML ({what}); {changed}"
            flags.append(Flag(code=FlagCode.MALFORMED, message=message))
        return root, flags
    raise UnusableDocument(UnusableReason.MALFORMED_XML, f"its XML cannot be read: {what}") from error


@cache
def _parser(encoding: str | None = None) -> etree.XMLParser:
    """Made once: that costs a tenth of what reading a filing does, and libxml2 lets one be used again and again."""
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
