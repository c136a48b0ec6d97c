"""The SEC's list of tickers as it was last read, in one row; and how the last try at it went."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Select, select, update

from service.model.tickers import Tickers
from service.store.database import Database, Transaction
from service.store.schema import ticker_lists

READ = "tickers.read"  # the bell that rings when a list says something new

_LIST = "sec"


class TickersReading(Struct, frozen=True, kw_only=True):
    """How far the list has been read."""

    read: datetime | None = None  # when it was last read, or was unchanged; None: never
    changed: datetime | None = None  # when it last said something new
    validators: Mapping[str, str] = {}  # what it came with
    waits: str | None = None  # why the last try came to nothing; None: it did not
    waits_since: datetime | None = None  # the first such try since


async def reading(database: Database) -> TickersReading:
    """How far the list has been read."""
    columns = (ticker_lists.c[name] for name in TickersReading.__struct_fields__)
    async with database.reading() as connection:
        row = (await connection.execute(_of_list(select(*columns)))).mappings().one_or_none()
        return TickersReading() if row is None else TickersReading(**row)


async def known(where: Database | Transaction) -> Tickers | None:
    """The list; None: it has not come yet. To decode it takes some 15 ms."""
    query = _of_list(select(ticker_lists.c.value))
    if isinstance(where, Transaction):
        value = (await where.execute(query)).scalar_one_or_none()
    else:
        async with where.reading() as connection:
            value = await connection.scalar(query)
    return msgspec.json.decode(value, type=Tickers) if value else None


async def put(tx: Transaction, value: bytes, validators: Mapping[str, str], at: datetime) -> None:
    """Keep the list that is *value*, encoded, in place of the one before."""
    await _set(tx, value=value, validators=dict(validators), read=at, changed=at, waits=None, waits_since=None)
    tx.ring(READ)


async def unchanged(tx: Transaction, at: datetime) -> None:
    """It was asked for, and is as it was."""
    await _set(tx, read=at, waits=None, waits_since=None)


async def failed(tx: Transaction, why: str, since: datetime) -> None:
    """A try came to nothing; the list stays as it was."""
    await _set(tx, waits=why, waits_since=since)


async def _set(tx: Transaction, **values: object) -> None:
    await tx.add(ticker_lists, {"name": _LIST, "value": b"", "validators": {}})
    await tx.execute(update(ticker_lists).where(ticker_lists.c.name == _LIST).values(**values))


def _of_list(query: "Select[tuple[object, ...]]") -> "Select[tuple[object, ...]]":
    return query.where(ticker_lists.c.name == _LIST)
