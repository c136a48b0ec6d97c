"""What the role `web` does beside answering: it forgets what lets nobody in any more, and completes the tape."""

from datetime import timedelta

from service.clock import Clock
from service.control import people, tape_past
from service.store import Database, repeats
from service.vitals import Vitals

REMEMBERED = timedelta(hours=24)  # what requests with an Idempotency-Key have made

_EVERY = 60.0  # seconds
_ROWS = 200


class Upkeep:
    """Forgets sessions, links and Idempotency-Keys that are over, and sees to what the tape lacks; several may run."""

    def __init__(self, database: Database, clock: Clock, vitals: Vitals) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Look without end; raises Unavailable where the database is."""
        async for _ in tape_past.bring(self._database, self._clock):
            self._vitals.beat("web", _EVERY)
        while True:
            self._vitals.beat("web", _EVERY)
            await self.tidy()
            await self._clock.sleep(_EVERY)

    async def tidy(self) -> None:
        """Forget what is over now."""
        now = self._clock.now()
        async with self._database.transaction(lasting=False) as tx:
            await people.forget(tx, now)
            await repeats.forget(tx, now - REMEMBERED, _ROWS)
