"""What must not be cut short."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import TypeVar

T = TypeVar("T")


async def unbroken(work: Awaitable[T]) -> T:
    """Return what *work* returns; if we are cancelled meanwhile, the cancellation is raised once it has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # the cancellation goes before
        raise


@asynccontextmanager
async def whole(context: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """*context*, of which neither the beginning nor the end is cut short."""
    stack = AsyncExitStack()
    try:
        yield await unbroken(stack.enter_async_context(context))
    except BaseException as error:
        if not await unbroken(stack.__aexit__(type(error), error, error.__traceback__)):
            raise
    else:
        await unbroken(stack.aclose())
