"""Rows of the database, whatever holds them."""

from typing import Any

from sqlalchemy import select

from service.store import Database


async def all_of(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    """These columns of every row, in order."""
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(*columns))]
