"""What a document may cost."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """What a document may cost before it is refused."""

    submission_bytes: int = 64 * 1024 * 1024  # exhibits count here
    xml_bytes: int = 8 * 1024 * 1024  # the largest seen is under 200 KiB
    rows: int = 1000  # of one table; EDGAR accepts 30
    unrecognised: int = 1000  # elements that the model does not know
