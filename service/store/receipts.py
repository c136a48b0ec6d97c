"""What channels have taken before, and by what their services name it: to answer it there."""

from msgspec import Struct
from sqlalchemy import bindparam, func, select, union_all

from service.model.alert import Alert
from service.model.delivery import DeliveryState
from service.model.trade import first_of
from service.store.database import Database
from service.store.schema import deliveries, messages


class Taken(Struct, frozen=True, kw_only=True):
    """A message that a channel has taken."""

    message: str  # its id
    receipt: str | None  # the service's own name for it; None: it gives none


_DIGEST = deliveries.alias("digest")
_TAKEN = (
    select(deliveries.c.message, func.coalesce(deliveries.c.receipt, _DIGEST.c.receipt).label("receipt"))
    .select_from(
        deliveries.outerjoin(
            _DIGEST, (_DIGEST.c.message == deliveries.c.told_in) & (_DIGEST.c.channel == deliveries.c.channel)
        )
    )
    .where(deliveries.c.channel == bindparam("channel"), deliveries.c.state == DeliveryState.DELIVERED)
)
_MESSAGE = _TAKEN.where(deliveries.c.message == bindparam("message"))
_RULES = select(messages.c.id).where(messages.c.rule_id == bindparam("rule"))
_OF_TRADE = (
    _TAKEN.where(
        deliveries.c.message.in_(  # both by way of an index
            union_all(*(_RULES.where(of == bindparam("first")) for of in (messages.c.trade, messages.c.accession)))
        ),
        deliveries.c.message != bindparam("this"),
    )
    .order_by(deliveries.c.settled)
    .limit(1)
)


async def of(database: Database, message: str, channel: str) -> Taken | None:
    """*message*, or the digest that told it, as *channel* has taken it; None: it has not."""
    async with database.reading() as connection:
        row = (await connection.execute(_MESSAGE, {"message": message, "channel": channel})).first()
    return None if row is None else Taken(message=row.message, receipt=row.receipt)


async def of_trade(database: Database, alert: Alert, channel: str) -> Taken | None:
    """The first that *channel* has taken of the alerts by the rule of *alert* on its trade; None: it has taken none."""
    first = None if alert.trade_id is None else first_of(alert.trade_id)
    asked = {"rule": alert.rule_id, "first": first, "this": alert.id, "channel": channel}
    async with database.reading() as connection:
        row = (await connection.execute(_OF_TRADE, asked)).first()
    return None if row is None else Taken(message=row.message, receipt=row.receipt)
