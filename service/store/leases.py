"""Who leads: one row a lease, held for a while and renewed while it is still one's own.

Nothing rests on a lease alone. A leader that was stopped for longer than its lease may go on for a moment beside the
next one; what it writes then meets a fence (Kafka's transactional id, the state of a row), and has no effect.
"""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from service.store.database import Database, Transaction
from service.store.schema import leases


async def acquire(tx: Transaction, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew the lease *name* for *holder* until *until*; False: somebody else holds it."""
    await tx.add(leases, {"name": name, "holder": holder, "expires": now})
    statement = (
        update(leases)
        .where(leases.c.name == name, or_(leases.c.holder == holder, leases.c.expires <= now))
        .values(holder=holder, expires=until)
    )
    return (await tx.execute(statement)).rowcount == 1


async def keep(tx: Transaction, name: str, holder: str) -> bool:
    """Whether *holder* has the lease *name*; if so, nobody takes it before *tx* ends."""
    statement = update(leases).where(leases.c.name == name, leases.c.holder == holder).values(holder=holder)
    return (await tx.execute(statement)).rowcount == 1


async def holder(database: Database, name: str, now: datetime) -> str | None:
    """Who has the lease *name* at *now*; None: nobody."""
    query = select(leases.c.holder).where(leases.c.name == name, leases.c.expires > now)
    async with database.reading() as connection:
        found: str | None = await connection.scalar(query)
        return found


async def release(tx: Transaction, name: str, holder: str) -> None:
    """Give the lease *name* up, if *holder* still has it."""
    await tx.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
