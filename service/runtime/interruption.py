"""What an outage ends runs again: every loop goes on from what is committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from service.model.errors import TryAgain
from service.vitals import Vitals

_PAUSE = 0.5  # seconds before a loop that was interrupted goes on
_LONGEST_PAUSE = 5.0

log = structlog.get_logger()


async def kept(name: str, run: Callable[[], Awaitable[None]], vitals: Vitals) -> None:
    """Run *run*, and again whenever an outage ends it: every loop goes on from what is committed."""
    pause = _PAUSE
    while True:
        started = time.monotonic()
        try:
            await run()
        except* TryAgain as outage:
            if time.monotonic() - started > _LONGEST_PAUSE:
                pause = _PAUSE  # it had gone well for a while
            log.warning("interrupted", loop=name, detail=_told(outage), seconds=pause)
        vitals.ended(name)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _told(outage: BaseException) -> str:
    """What lies at the bottom of an exception group, in words."""
    if isinstance(outage, BaseExceptionGroup):
        return "; ".join(dict.fromkeys(_told(one) for one in outage.exceptions))
    return str(outage)
