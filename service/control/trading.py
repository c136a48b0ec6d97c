"""The trade that a filing tells of, and the other filings that tell of it."""

from datetime import datetime

from msgspec import Struct

from consumers.matcher.trading import told_again
from service.clock import now
from service.control.recalling import at_hand
from service.model.filing import Accession, Cik
from service.model.parsed import ParsedFiling
from service.model.trade import TradeId
from service.store import Database, history


class Reporter(Struct, frozen=True, kw_only=True):
    """An owner who reports it."""

    cik: Cik
    name: str | None


class Telling(Struct, frozen=True, kw_only=True):
    """A filing that tells of the trade."""

    accession: Accession
    form: str  # "4", "4/A"
    known: datetime  # from when on everybody could know it
    owners: tuple[Reporter, ...]


class Trade(Struct, frozen=True, kw_only=True):
    """A trade, by what is here now."""

    trade_id: TradeId  # as alerts on the filing carry it
    filings: tuple[Telling, ...]  # that tell of it, this one among them, in the order in which they could be known


async def trade(database: Database, accession: Accession) -> Trade:
    """The trade that the filing tells of; raises NotFound, which says why the filing is not here."""
    parsed, _ = await at_hand(database, accession)
    return await trade_of(database, parsed)


async def trade_of(database: Database, parsed: ParsedFiling) -> Trade:
    """The same, of *parsed*."""
    past = await history.find(database, parsed.filing.accession) or history.past_of(parsed, now())
    async with database.reading() as connection:
        found, filings = await told_again(connection, past)
    return Trade(
        trade_id=found,
        filings=tuple(
            Telling(
                accession=one.accession,
                form=one.form,
                known=one.known,
                owners=tuple(Reporter(cik=owner.rpt_owner_cik, name=owner.rpt_owner_name) for owner in one.owners),
            )
            for one in filings
        ),
    )
