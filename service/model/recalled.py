"""A filing of the past, in both forms in which it is kept."""

from msgspec import Struct

from service.model.parsed import ParsedFiling
from service.model.past import Past


class Recalled(Struct, frozen=True, kw_only=True):
    """A filing of the past row by row, and its document as far as that is kept."""

    past: Past
    parsed: ParsedFiling
