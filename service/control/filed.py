"""One filing with all that came of it for a workspace."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from service.control.amending import AmendmentRelations, amending
from service.control.recalling import at_hand
from service.control.trading import Trade, trade_of
from service.model.alert import Alert
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.parsed import ParsedFiling
from service.store import Database, alerts, ledger, matchings
from service.store.alerts import KeptAlert, WantedAlerts
from service.wire import decode


class Rang(Struct, frozen=True, kw_only=True):
    """An alert that is kept whole."""

    alert: Alert
    at: datetime


class Filed(Struct, frozen=True, kw_only=True):
    """A filing, and what came of it."""

    parsed: ParsedFiling  # with the time at which it was matched
    whole: bool  # false: the log has forgotten it, and what the history keeps is here
    rang: tuple[Rang, ...]  # in the order in which they were made; of very many, the last ones
    faded: tuple[KeptAlert, ...]  # alerts likewise, but what they said was longer ago than the database keeps it
    more: bool  # there are others
    amending: AmendmentRelations
    trade: Trade
    sent: datetime | None  # when the first channel had one of them; None: none has


async def filed(database: Database, workspace: WorkspaceId, accession: Accession, most: int) -> Filed:
    """The filing with up to *most* of the alerts on it; raises NotFound, which says why it is not here."""
    parsed, whole = await at_hand(database, accession)
    kept = await alerts.page(database, workspace, WantedAlerts(accession=accession), most + 1)
    said = [Rang(alert=decode(one.value, Alert), at=one.created) for one in kept[:most] if one.value]
    times = await matchings.times_of(database, accession) or parsed.filing.times
    return Filed(
        parsed=replace(parsed, filing=replace(parsed.filing, times=times)),
        whole=whole,
        rang=tuple(reversed(said)),
        faded=tuple(one for one in reversed(kept[:most]) if not one.value),
        more=len(kept) > most,
        amending=await amending(database, parsed, whole=whole),
        trade=await trade_of(database, parsed),
        sent=await ledger.first_delivered(database, workspace, accession) if kept else None,
    )
