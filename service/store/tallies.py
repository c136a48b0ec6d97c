"""Totals that are kept rather than counted: each changes in the transaction that changes what it counts.

Only totals that would take a scan are kept. What is pending, dead or open is counted, from indexes that hold nothing
else.
"""

from sqlalchemy import select

from service.store.database import Database
from service.store.schema import tallies


async def read(database: Database, kind: str) -> dict[str, int]:
    """The totals of *kind*, by what is counted, such as a topic."""
    start = f"{kind}."
    query = select(tallies.c.name, tallies.c.total).where(tallies.c.name.startswith(start, autoescape=True))
    async with database.reading() as connection:
        return {name.removeprefix(start): total for name, total in await connection.execute(query)}
