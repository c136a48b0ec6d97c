"""Leadership: of several processes that could, one does."""

import asyncio
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from service.model.errors import Superseded, Unavailable
from service.store import Database, Transaction, leases
from service.vitals import Vitals

_LEASE = timedelta(seconds=9)
_RENEW = 2.0  # seconds
_LOOK = 1.0  # seconds between looks of those that stand by

log = structlog.get_logger()


class Leader:
    """Runs work only while this process holds the lease *name*; while another holds it, stands by.

    On a database of one machine nobody else can: `filingbell run` keeps a second one off, and there is no lease.
    """

    def __init__(self, name: str, database: Database, clock: Callable[[], datetime], vitals: Vitals) -> None:
        self._name = name
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._held_until = float("-inf")  # monotonic, which goes on while a process is stopped
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Lead or stand by, without end; what *work* raises comes through once the lease is given up."""
        if self._database.one_machine:
            self._vitals.leads(self._name, leader=True)
            await work()
            return
        self._vitals.leads(self._name, leader=False)
        while True:
            if await self._hold():
                log.info("leading", lease=self._name)
                await self._lead(work)
            await asyncio.sleep(_LOOK)

    async def confirm(self, tx: Transaction) -> None:
        """Raises Superseded if this process does not lead any more; nobody else leads before *tx* has committed."""
        if not self._database.one_machine and not await leases.keep(tx, self._name, self._holder):
            raise Superseded(f"another process leads as {self._name} now")

    def permit(self) -> None:
        """Raises Superseded if the lease has run out, as it does while a process is stopped: another may lead."""
        if not self._database.one_machine and time.monotonic() > self._held_until:
            raise Superseded(f"the lease as {self._name} has run out while this process was stopped or busy")

    async def _lead(self, work: Callable[[], Awaitable[None]]) -> None:
        self._vitals.leads(self._name, leader=True)
        task = asyncio.ensure_future(work())
        try:
            while not (await asyncio.wait({task}, timeout=_RENEW))[0]:
                if not await self._hold():
                    log.warning("lease_lost", lease=self._name)
                    return
            await task
        finally:
            self._vitals.leads(self._name, leader=False)
            self._vitals.ended(self._name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._release()

    async def _hold(self) -> bool:
        self._vitals.beat(f"{self._name}/lease")
        asked, now = time.monotonic(), self._clock()
        async with self._database.transaction() as tx:
            held = await leases.acquire(tx, self._name, self._holder, now, now + _LEASE)
        self._held_until = asked + _LEASE.total_seconds() if held else float("-inf")
        return held

    async def _release(self) -> None:
        """Let the next one lead at once; where that fails, the lease runs out."""
        try:
            async with self._database.transaction() as tx:
                await leases.release(tx, self._name, self._holder)
        except Unavailable as error:
            log.debug("lease_not_returned", lease=self._name, detail=str(error))
