"""What the values of several events have in common is stored once, beside them.

A filing that very many rules meet makes as many alerts, which differ in little more than the rule and why it is met.
Where the common part was stands a byte that JSON cannot hold.
"""

from sqlalchemy import ColumnElement, Select, bindparam, exists, insert, select

from service.store.schema import events, messages, shared

_PLACE = b"\0"

WITH_SHARED = events.outerjoin(shared, shared.c.id == events.c.shared)
COMMON: ColumnElement[bytes | None] = shared.c.value.label("common")


def without(value: bytes, begin: int, common: bytes) -> bytes:
    """*value* as it is stored beside the part that is *common* to others, and begins there."""
    return value[:begin] + _PLACE + value[begin + len(common) :]


def whole(value: bytes, common: bytes | None) -> bytes:
    """The value again; *common* None: it has all of it."""
    return value if common is None else value.replace(_PLACE, common, 1)


KEEPING = insert(shared).values(value=bindparam("common")).returning(shared.c.id)
"""Stores a part that is ``common`` to several; returns under which number."""


def unused(limit: int) -> Select[tuple[int]]:
    """Up to *limit* parts that no value has any more."""
    used = exists().where(events.c.shared == shared.c.id) | exists().where(messages.c.shared == shared.c.id)
    return select(shared.c.id).where(~used).order_by(shared.c.id).limit(limit)
