"""Group commit: what several tasks want to write goes into as few transactions as it can."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service.store.database import Database, Transaction
from service.unbroken import unbroken

A = TypeVar("A")
T = TypeVar("T")

Write = Callable[[Transaction], Awaitable[T]]

_AT_ONCE = 64  # writes in one transaction


class GroupCommit(Generic[A, T]):
    """Writes one after the other; what comes while a transaction commits goes together into the next.

    A write that fails takes the others of its transaction with it, each of which then raises the same error.
    """

    def __init__(
        self,
        database: Database,
        put: Callable[[Transaction, Sequence[A]], Awaitable[Sequence[T]]],
        *,
        urgent: bool = False,
    ) -> None:
        self._database = database
        self._urgent = urgent
        self._put = put
        self._waiting: deque[tuple[A, asyncio.Future[T]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, item: A) -> T:
        """Put *item*, and what else waits, in a transaction; returns its result once that has committed.

        Raises Unavailable.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await unbroken(done)  # it is written all the same: leave no transaction behind

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                async with self._database.transaction(urgent=self._urgent) as tx:
                    results = await self._put(tx, [item for item, _ in batch])
            except BaseException as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    if not done.done():  # who asked may have gone
                        done.set_result(result)


async def each(tx: Transaction, writes: Sequence[Write[T]]) -> list[T]:
    """Run *writes*, which know themselves what to put."""
    return [await write(tx) for write in writes]
