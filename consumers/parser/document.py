"""Bytes of a filing to its OwnershipDocument."""

import msgspec

from consumers.parser.careful import careful
from consumers.parser.flags import flags_of
from consumers.parser.limits import Limits
from consumers.parser.usual import usual
from consumers.parser.xml import root_of
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import UnusableDocument, UnusableReason
from service.model.ownership import OwnershipDocument


def parse(data: bytes, limits: Limits = Limits()) -> OwnershipDocument:
    """The ownership document in *data*: bare XML, or a full submission in any dialect.

    Raises UnusableDocument, and nothing else, whatever the bytes.
    """
    if not data or data.isspace():
        raise UnusableDocument(UnusableReason.EMPTY, "there is nothing in it")
    _within(len(data), limits.submission_bytes, "submission")
    xml = data
    if is_submission(data):
        found = ownership_xml(data)
        if found is None:
            raise UnusableDocument(
                UnusableReason.NO_OWNERSHIP_XML, "the submission holds no ownership XML (a paper filing, or cut off)"
            )
        xml = found
    _within(len(xml), limits.xml_bytes, "ownership XML")
    root, flags = root_of(xml)
    document = usual(root, limits.rows) or careful(root, limits, flags)
    flags += flags_of(document)
    return msgspec.structs.replace(document, flags=tuple(flags)) if flags else document


def _within(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise UnusableDocument(UnusableReason.TOO_LARGE, f"the {what} has {size:,} bytes; the limit is {limit:,}")
