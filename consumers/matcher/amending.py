"""What amendments that ring amend, looked up before their alerts are made: nothing is asked for any other filing."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from consumers.amendments.looking import looked_up
from consumers.amendments.version import Version
from consumers.matcher.alerts import Alerts, earlier
from consumers.matcher.match import CompiledRule, Rows
from service.model.amendment import Amends
from service.model.parsed import ParsedFiling
from service.store import Database, history, messages
from service.store.failures import Failure
from service.wire.topics import Event

_PIECE = 50  # rules that are held against it without a pause


class Met(NamedTuple):
    """A rule that a filing meets, and in which rows."""

    rule: CompiledRule
    rows: Rows


@dataclass(frozen=True, slots=True)
class PendingAmendment:
    """An amendment that meets rules, whose alerts are not made yet."""

    alerts: Alerts
    met: Iterable[Met | Failure]  # once
    parsed: ParsedFiling
    at: datetime

    def version(self) -> Version:
        """It, to be compared."""
        return version_of(self.parsed, self.at)


def version_of(parsed: ParsedFiling, at: datetime) -> Version:
    """*parsed*, which is matched *at* that time, to be compared."""
    return Version.of(parsed, history.known_of(parsed.filing.times, at))


async def look_up(
    database: Database, batch: Sequence[tuple[ParsedFiling, Sequence[Event], PendingAmendment | None]], at: datetime
) -> None:
    """Tell the alerts of each amendment in *batch* what it amends: of what is kept, or comes before it in the batch.

    No fault in comparing may keep an alert from anybody; those of a database stop the batch, which comes again.
    """
    asking = [amending for _, _, amending in batch if amending is not None]
    if not asking:
        return
    issuers = {one.parsed.document.issuer.issuer_cik for one in asking}
    ahead = [version_of(parsed, at) for parsed, *_ in batch if parsed.document.issuer.issuer_cik in issuers]
    found = await looked_up(database, [one.version() for one in asking], ahead)
    ids = {one for amending, amends in zip(asking, found, strict=True) async for one in _earlier(amending, amends)}
    made = set[str]()
    if ids:
        async with database.reading() as connection:
            made = await messages.known(connection, sorted(ids))
    made |= ids & {event.id for _, events, _ in batch for event in events}
    for amending, amends in zip(asking, found, strict=True):
        amending.alerts.amending(amends, made)


async def _earlier(amending: PendingAmendment, amends: Amends) -> AsyncIterator[str]:
    """The ids of alerts that the rules which it meets may have made; the loop comes round between."""
    for count, one in enumerate(amending.met, 1):
        if isinstance(one, Met):
            for identity in earlier(one.rule.rule.id, amends):
                yield identity
        if not count % _PIECE:
            await asyncio.sleep(0)
