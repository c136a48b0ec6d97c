"""What requests with an Idempotency-Key have made: a repetition makes nothing."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, insert, select

from service.model.identity import Revision
from service.store.database import Transaction
from service.store.schema import repeats


class Made(Struct, frozen=True, kw_only=True):
    """What the first request made."""

    request: str  # its digest
    made: str  # the id
    revision: Revision


async def find(tx: Transaction, asker: str, key: str) -> Made | None:
    """What *asker* made under *key*; None: nothing yet."""
    query = select(repeats.c.request, repeats.c.made, repeats.c.revision)
    row = (await tx.execute(query.where(repeats.c.asker == asker, repeats.c.key == key))).first()
    return None if row is None else Made(request=row.request, made=row.made, revision=Revision(row.revision))


async def keep(tx: Transaction, asker: str, key: str, made: Made, now: datetime) -> None:
    """Keep what was *made*, with the change itself."""
    row = {"asker": asker, "key": key, "request": made.request, "made": made.made, "revision": made.revision, "at": now}
    await tx.execute(insert(repeats), row)


async def forget(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget up to *limit* of those of *before*; returns how many."""
    old = (await tx.execute(select(repeats.c.asker, repeats.c.key).where(repeats.c.at < before).limit(limit))).all()
    for row in old:
        await tx.execute(delete(repeats).where(repeats.c.asker == row.asker, repeats.c.key == row.key))
    return len(old)
