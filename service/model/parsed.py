"""A filing whose document was read."""

from msgspec import Struct

from service.model.filing import Filing
from service.model.ownership import OwnershipDocument


class ParsedFiling(Struct, frozen=True, kw_only=True):
    """The value of ``form4.parsed``: a filing and its whole form."""

    filing: Filing
    document: OwnershipDocument
