"""What a filing says, and the events that tell of it, for as long as the database keeps them."""

from collections.abc import Mapping
from enum import StrEnum

from service.model.errors import NotFound
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.parsed import ParsedFiling
from service.store import Database, alerts, events, filings, history, kept, letters
from service.store.alerts import WantedAlerts
from service.store.events import Place
from service.store.filings import FilingState
from service.wire import decode

_EVERY = 100_000  # alerts of one filing: more than a workspace has rules


class Absence(StrEnum):
    """Why there is nothing to be read of a filing."""

    NEVER_SEEN = "never-seen"
    BROUGHT = "brought"  # likewise, but a quarterly set has brought it
    PENDING = "pending"  # EDGAR has not served its document yet
    UNPARSED = "unparsed"  # no parser has read it yet
    UNUSABLE = "unusable"  # a dead letter
    FORGOTTEN = "forgotten"  # longer ago than the database keeps it


_SAID: Mapping[Absence, str] = {
    Absence.NEVER_SEEN: "was never seen: is it a form 4, filed since the service runs? `filingbell backfill` "
    "brings earlier ones",
    Absence.BROUGHT: "came with a quarterly data set of the SEC, and no feed or index has listed it here: no rule was "
    "held against it, and its document is at EDGAR alone",
    Absence.PENDING: "was seen, but EDGAR has not served its document yet; it is tried again by itself",
    Absence.UNPARSED: "is not parsed yet; it is read within seconds where the role parser runs",
    Absence.UNUSABLE: "could not be used: it is a dead letter, which says why",
    Absence.FORGOTTEN: "was seen longer ago than the database keeps what filings say; EDGAR still has it",
}


async def find(database: Database, accession: Accession) -> ParsedFiling | None:
    """The filing with its whole form; None: it is not here, and `absence` says why."""
    value = await kept.find(database, accession)
    return None if value is None else decode(value, ParsedFiling)


async def absence(database: Database, accession: Accession) -> Absence:
    """Why `find` finds nothing."""
    if await letters.find(database, accession):
        return Absence.UNUSABLE
    state = await filings.state(database, accession)
    if state is None:
        return Absence.NEVER_SEEN if await history.find(database, accession) is None else Absence.BROUGHT
    if state is FilingState.PENDING:
        return Absence.PENDING
    fetched = await events.by_id(database, f"filing-{accession}")
    return Absence.FORGOTTEN if fetched is None else Absence.UNPARSED


async def document(database: Database, accession: Accession) -> ParsedFiling:
    """The filing with its whole form; raises NotFound, which says why there is none."""
    found = await find(database, accession)
    if found is None:
        raise await absent(database, accession)
    return found


async def absent(database: Database, accession: Accession) -> NotFound:
    """What to raise where there is nothing to be read of the filing: it says why."""
    return NotFound(f"{accession} {_SAID[await absence(database, accession)]}")


async def records(database: Database, workspace: WorkspaceId, accession: Accession) -> list[Place]:
    """The events on the filing that the log knows, in order; of alerts, those of *workspace*. Raises NotFound."""
    died = [one.id for one in await letters.find(database, accession)]
    rang = [one.id for one in await alerts.page(database, workspace, WantedAlerts(accession=accession), _EVERY)]
    found = await events.places(database, [f"filing-{accession}", f"parsed-{accession}", *died, *rang])
    if not found and await filings.state(database, accession) is None:
        raise await absent(database, accession)
    return found
