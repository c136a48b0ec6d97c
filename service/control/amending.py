"""What a filing amends, and what amends it: an amendment names only the day of the original, never its accession."""

from datetime import date

from msgspec import Struct

from consumers.amendments.looking import amended_by, looked_up
from consumers.amendments.version import Version
from service.clock import now
from service.control.recalling import at_hand
from service.model.amendment import Amends
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.store import Database, history


class Amended(Struct, frozen=True, kw_only=True):
    """An amendment of a filing."""

    accession: Accession
    form: str  # "4/A"
    filed: date
    amends: Amends  # it can amend another amendment of the filing


class AmendmentRelations(Struct, frozen=True, kw_only=True):
    """How a filing and others belong together, by what is here now."""

    amends: Amends | None = None  # None: it is no amendment
    amended: tuple[Amended, ...] = ()  # by what, the first one first


async def amendments(database: Database, accession: Accession) -> AmendmentRelations:
    """The same, of a filing by its accession number; raises NotFound, which says why it is not here."""
    parsed, whole = await at_hand(database, accession)
    return await amending(database, parsed, whole=whole)


async def amending(database: Database, parsed: ParsedFiling, *, whole: bool) -> AmendmentRelations:
    """What *parsed* amends, and what amends it; not *whole*: it is what the history keeps."""
    past = await history.find(database, parsed.filing.accession)
    if past is None or whole:
        version = Version.of(parsed, past.known if past else history.known_of(parsed.filing.times, now()))
    else:
        version = Version.of_past(past)
    amends = (await looked_up(database, [version]))[0] if version.amendment else None
    later = await amended_by(database, version)
    return AmendmentRelations(
        amends=amends,
        amended=tuple(
            Amended(accession=one.accession, form=one.form, filed=one.filed, amends=found) for one, found in later
        ),
    )
