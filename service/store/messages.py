"""What is to be delivered, each message once."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from service.model.message import Message
from service.store import bodies
from service.store.database import Transaction
from service.store.schema import messages
from service.store.sharing import COMMON, whole

_VALUES = (
    select(messages.c.id, bodies.BODY.label("value"), COMMON)
    .select_from(bodies.WITH_LOG)
    .where(messages.c.id.in_(bindparam("ids", expanding=True)))
)


async def keep(tx: Transaction, new: Sequence[Message], created: datetime) -> None:
    """Keep each message; one that comes again is kept already, and changes nothing.

    Its body is kept where the log has none: that saves what is owed before it forgets.
    """
    if not new:
        return
    held = await bodies.hold(tx, [one.id for one in new])
    rows = [
        {
            "id": one.id,
            "kind": one.kind,
            "workspace": one.workspace,
            "accession": one.accession,
            "rule_id": one.rule_id,
            "rule_revision": one.rule_revision,
            "rule": one.rule,
            "urgent": one.urgent,
            "value": b"" if one.id in held else one.value,
            "created": created,
        }
        for one in new
    ]
    await tx.add(messages, rows)


async def values(tx: Transaction, ids: Collection[str]) -> dict[str, bytes]:
    """The messages *ids*, as JSON; without those whose body is gone."""
    found = await tx.execute(_VALUES, {"ids": list(ids)})
    return {row.id: whole(row.value, row.common) for row in found if row.value}
