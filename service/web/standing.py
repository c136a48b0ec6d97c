"""Whether those who are being served for hours may still be: asked of the database every few seconds."""

import asyncio

from aiohttp import web

from service.model.errors import TryAgain
from service.web import auth
from service.web.auth import Asker
from service.web.context import Context

EVERY = 5.0  # seconds


class StillServed:
    """Those who are served, as the database said seconds ago at most; for many streams of one, it is asked once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[str, tuple[float, asyncio.Task[Asker | None]]] = {}

    async def still(self, request: web.Request, who: Asker) -> bool:
        """Whether *request* may still be answered as to *who*; an outage of the database withdraws nothing."""
        name = who.id if who.signed is None else who.signed.session.digest
        now = asyncio.get_running_loop().time()
        known = self._known.get(name)
        if known is None or now - known[0] >= EVERY:
            self._known = {one: kept for one, kept in self._known.items() if now - kept[0] < EVERY}
            known = self._known[name] = now, asyncio.create_task(auth.still(self._context, request, who))
        try:
            found = await asyncio.shield(known[1])
        except TryAgain:
            return True
        return found is not None and found.workspace == who.workspace and who.scopes <= found.scopes
