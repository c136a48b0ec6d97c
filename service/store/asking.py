"""Queries that are asked by themselves, or within a transaction that is open."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.store.connection import Connection
from service.store.database import Database, Transaction


@asynccontextmanager
async def asking(where: Database | Transaction) -> AsyncIterator[Connection | Transaction]:
    """What answers queries: a connection of its own, or the transaction."""
    if isinstance(where, Transaction):
        yield where
    else:
        async with where.reading() as connection:
            yield connection
