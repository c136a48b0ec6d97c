"""What is to be delivered, each message once."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, union_all

from service.model.message import Message
from service.store import bodies
from service.store.database import Transaction
from service.store.history import Reads
from service.store.packing import pack
from service.store.schema import events, messages
from service.store.sharing import COMMON, whole

_COLUMNS = (  # in the table's order
    *("id", "kind", "workspace", "accession", "trade", "rule_id", "rule_revision", "rule", "urgent"),
    *("value", "created"),
)
_CHUNK = 500  # ids in one question
_VALUES = (
    select(messages.c.id, bodies.BODY.label("value"), COMMON)
    .select_from(bodies.WITH_LOG)
    .where(messages.c.id.in_(bindparam("ids", expanding=True)))
)


async def keep(tx: Transaction, new: Sequence[Message], created: datetime, *, logged: bool = False) -> None:
    """Keep each message; one that comes again is kept already, and changes nothing.

    Its body is kept where the log has none: that saves what is owed before it forgets. *logged*: the log has all of
    these, and keeps them until *tx* ends, or for as long as they are owed then.
    """
    if not new:
        return
    held = {one.id for one in new} if logged else await bodies.hold(tx, [one.id for one in new])
    at = tx.instant(created)
    rows = [
        (
            tx.id(one.id),
            str(one.kind),
            tx.id(one.workspace),
            one.accession,
            one.trade,
            one.rule_id and tx.id(one.rule_id),
            one.rule_revision,
            one.rule,
            one.urgent,
            b"" if one.id in held else pack(one.value),
            at,
        )
        for one in new
    ]
    await tx.load(messages, rows, _COLUMNS)


async def known(run: Reads, ids: Sequence[str]) -> set[str]:
    """Those of *ids* that are alerts which were made, whether or not a dispatcher has kept them."""
    found = set[str]()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        made = union_all(*(select(table.c.id).where(table.c.id.in_(chunk)) for table in (messages, events)))
        found |= set((await run.execute(made)).scalars())
    return found


async def values(tx: Transaction, ids: Collection[str]) -> dict[str, bytes]:
    """The messages *ids*, as JSON; without those whose body is gone."""
    found = await tx.execute(_VALUES, {"ids": list(ids)})
    return {row.id: whole(row.value, row.common) for row in found if row.value}
