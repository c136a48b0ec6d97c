"""Requests that may be repeated, and make what they make once."""

from datetime import datetime

from msgspec import Struct

from service.model.errors import Fault, Faulty
from service.model.identity import Revision
from service.store import Transaction, repeats
from service.store.repeats import Made


class Once(Struct, frozen=True, kw_only=True):
    """A request that its sender may repeat, and what tells it from others."""

    asker: str  # the id of the token or person, and of the workspace that they ask for
    key: str  # as the sender chose it
    request: str  # a digest of all of it

    async def before(self, tx: Transaction) -> Made | None:
        """What the request has made before; None: nothing. The caller holds a lock that keeps its twin waiting.

        Raises Faulty where another request had the same key.
        """
        made = await repeats.find(tx, self.asker, self.key)
        if made is not None and made.request != self.request:
            raise Faulty(
                "nothing was made:", (Fault(("Idempotency-Key",), "another request had this key: choose a new one"),)
            )
        return made

    async def keep(self, tx: Transaction, made: str, revision: Revision, now: datetime) -> None:
        """Keep what the request *made*, in the transaction in which it was made."""
        await repeats.keep(tx, self.asker, self.key, Made(request=self.request, made=made, revision=revision), now)
