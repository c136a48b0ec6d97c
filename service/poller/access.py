"""Blocks outlive the process: a restart that asked on would prolong them."""

from datetime import timedelta

import structlog

from service.clock import Clock
from service.edgar.pace import Host, Pace
from service.model.errors import Blocked, Unavailable
from service.store import Database, marks

log = structlog.get_logger()


async def remember(database: Database, block: Blocked) -> None:
    """Put *block*, or how much longer it has become, down at once: for whoever asks next and for whoever watches."""
    log.error("edgar_blocked", host=block.host, detail=str(block), until=block.until.isoformat())
    try:
        async with database.transaction() as tx:
            await marks.put(tx, marks.blocked(block.host), block.until)
    except Unavailable as error:  # this process keeps it in mind; only a restart would forget it
        log.warning("block_not_saved", detail=str(error))


async def recall(database: Database, pace: Pace, clock: Clock, longest: timedelta) -> None:
    """Let *pace* keep to the blocks of earlier runs; none lasts longer than *longest*, however clocks were set."""
    for host in Host:
        until = await marks.get(database, marks.blocked(host))
        left = min(until - clock.now(), longest) if until else timedelta(0)
        if left > timedelta(0):
            pace.block(host, "EDGAR refused this client before the restart", left.total_seconds())
