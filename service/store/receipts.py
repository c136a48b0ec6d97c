"""By what services name what they have taken: to answer it there."""

from sqlalchemy import bindparam, func, select

from service.store.database import Database
from service.store.schema import deliveries

_DIGEST = deliveries.alias("digest")
_RECEIPT = (
    select(func.coalesce(deliveries.c.receipt, _DIGEST.c.receipt))
    .select_from(
        deliveries.outerjoin(
            _DIGEST, (_DIGEST.c.message == deliveries.c.told_in) & (_DIGEST.c.channel == deliveries.c.channel)
        )
    )
    .where(deliveries.c.message == bindparam("message"), deliveries.c.channel == bindparam("channel"))
)


async def of(database: Database, message: str, channel: str) -> str | None:
    """What the service behind *channel* calls *message*, or the digest that told it; None: it was not taken there."""
    async with database.reading() as connection:
        found: str | None = (await connection.execute(_RECEIPT, {"message": message, "channel": channel})).scalar()
        return found
