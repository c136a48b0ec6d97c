"""What has not come through when a demo ends, and what is held."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from service.cli.screen import Screen
from service.lookalike.archive import Listing
from service.model.filing import Accession
from service.store import Database, channel_names, channels, filings, undelivered
from service.store.undelivered import Waiting
from service.text import one_line
from service.words import counted, eastern


async def tell_filings(console: Screen, database: Database, listings: Sequence[Listing]) -> None:
    """Which filings have not come through, and how far they came."""
    for listing in listings:
        state = await filings.state(database, Accession(listing.accession))
        if state in (None, filings.FilingState.PENDING):
            far = "the feed did not show it" if state is None else "its document was not fetched"
            console.hang(Text(f"  {one_line(listing.file)}: "), Text(far))


async def tell_waiting(console: Screen, database: Database) -> None:
    """What waits for which channel, and why."""
    names = await channel_names.names(database)
    answers = {one.channel: one.detail for one in await channels.states(database)}
    for channel, owed in (await undelivered.waiting(database)).items():
        for line in _waits(owed, answers.get(channel)):
            console.hang(Text(f"  {one_line(names[channel])}: "), Text(one_line(line)))


def _waits(owed: Waiting, answer: str | None) -> Iterator[str]:
    """What the channel is still owed, in words: what is held is no failure, and has not been tried."""
    if owed.held_until is not None:
        held = counted(owed.held, "message is", "messages are")
        yield f"{held} held until {eastern(owed.held_until)} (quiet hours, a digest, or a maximum an hour)"
    if left := owed.count - owed.held:
        waits = counted(left, "message waits", "messages wait")
        yield f"{waits}; the last answer: {answer}" if answer else f"{waits} for the first try"
