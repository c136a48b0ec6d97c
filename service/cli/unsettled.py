"""What has not come through when a demo ends."""

from collections.abc import Sequence

from rich.text import Text

from service.cli.screen import Screen
from service.lookalike.archive import Listing
from service.model.filing import Accession
from service.store import Database, channels, deliveries, filings
from service.text import one_line
from service.words import counted


async def tell(console: Screen, database: Database, listings: Sequence[Listing]) -> None:
    """Which filings have not come through, and how far they came; what waits for which channel, and its last answer."""
    for listing in listings:
        state = await filings.state(database, Accession(listing.accession))
        if state in (None, filings.State.PENDING):
            far = "the feed did not show it" if state is None else "its document was not fetched"
            console.hang(Text(f"  {one_line(listing.file)}: "), Text(far))
    names = await channels.names(database)
    answers = {one.channel: one.detail for one in await channels.states(database)}
    for channel, count in (await deliveries.pending(database)).items():
        waiting = counted(count, "message waits", "messages wait")
        said = f"{waiting}; the last answer: {answers.get(channel) or 'none'}"
        console.hang(Text(f"  {one_line(names[channel])}: "), Text(one_line(said)))
