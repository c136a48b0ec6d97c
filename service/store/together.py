"""Group commit: what several tasks want to write goes into as few transactions as it can."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from service.store.database import Database, Transaction
from service.unbroken import unbroken

T = TypeVar("T")

_AT_ONCE = 64  # writes in one transaction


class Together:
    """Writes one after the other; what comes while a transaction commits goes together into the next.

    A write that fails takes the others of its transaction with it, each of which then raises the same error.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Callable[[Transaction], Awaitable[Any]], asyncio.Future[Any]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, put: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run *put* in a transaction and return what it returns once that has committed; raises Unavailable."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((put, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await unbroken(done)  # it is written all the same: leave no transaction behind

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                async with self._database.transaction() as tx:
                    results = [await put(tx) for put, _ in batch]
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
