"""Deliveries of two filings, as a sender has left them."""

from datetime import UTC, datetime

from sqlalchemy import insert, update

from service.model.delivery import DeliveryState
from service.model.filing import Accession
from service.store import Database
from service.store.schema import attempts, channel_states
from service.store.schema import deliveries as rows
from service.wire import encode
from tests.kit import books
from tests.kit.books import AnAlert, add_channels
from tests.kit.documents import an_alert

NOW = datetime(2026, 11, 25, 23, 3, tzinfo=UTC)
FIRST, SECOND = Accession("0001234567-26-000021"), Accession("0001234567-26-000022")


async def owe(database: Database, alert: str, accession: Accession, *channels: str, at: datetime = NOW) -> None:
    new = AnAlert(id=alert, accession=accession, rule="buys", value=encode(an_alert()), channels=channels)
    await add_channels(database, "trading-desk")
    await books.owe(database, new, at=at)
    async with database.transaction() as tx:
        for channel in channels:
            await tx.add(channel_states, {"channel": channel, "failures": 0})


async def kill(
    database: Database, alert: str, channel: str, *, at: datetime = NOW, detail: str = "404 Not Found: no_service"
) -> None:
    """Give *alert* up after its second try."""
    async with database.transaction() as tx:
        await tx.execute(
            update(rows)
            .where(rows.c.message == alert, rows.c.channel == channel)
            .values(state=DeliveryState.DEAD, tries=2, steps=2, settled=at, reason="refused-by-service")
        )
        for number, outcome in ((1, DeliveryState.PENDING), (2, DeliveryState.DEAD)):
            await tx.execute(
                insert(attempts),
                {
                    "message": alert,
                    "channel": channel,
                    "number": number,
                    "at": at,
                    "seconds": 0.1,
                    "outcome": outcome,
                    "status": 404,
                    "detail": detail,
                },
            )
