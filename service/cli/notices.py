"""``notices``: what the service has told of itself, and whom."""

import asyncio
from collections.abc import Iterable

from msgspec import to_builtins
from rich.text import Text

from service.cli.delivery import STYLES, WHY_NOT
from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.control import notices
from service.model.delivery import DeliveryState, Suppression
from service.store.notices import KeptNotice, ToldTo
from service.text import one_line
from service.words import eastern


def show_list(workspace: str, limit: int, *, as_json: bool) -> None:
    """The latest *limit*, oldest first."""

    async def read() -> list[KeptNotice]:
        async with acting(workspace) as (database, _, actor):
            return await notices.latest(database, actor.workspace, limit)

    found = asyncio.run(read())
    if as_json:
        print_json([to_builtins(one.notice) | {"event": notices.event(one), "told": _told(one)} for one in found])
        return
    console = Screen()
    if not found:
        console.print("nothing was told yet; what is wrong now: filingbell status")
    for one in reversed(found):
        style = "green" if one.notice.cleared else "yellow"
        when = (f"{eastern(one.notice.at)}  ", "dim")
        console.print(Text.assemble(when, (f"{notices.event(one)}  ", style), one_line(one.notice.headline)))
        for line in one.notice.lines:
            console.hang(Text("  "), Text(one_line(line)))
        for said in _words(one.told):
            console.hang(Text("  "), said)


def _words(told: Iterable[ToldTo]) -> Iterable[Text]:
    """What became of it for each channel."""
    said = False
    for one in told:
        said = True
        why = ""
        if one.state is DeliveryState.SUPPRESSED and one.reason:
            why = f": {WHY_NOT[Suppression(one.reason)]}"
        elif one.state is not DeliveryState.DELIVERED and one.reason:
            why = f": {one.reason}"
        yield Text.assemble(f"{one.name}: ", (str(one.state), STYLES[one.state]), why)
    if not said:
        yield Text("told to nobody: filingbell operations set CHANNEL", style="dim")


def _told(one: KeptNotice) -> list[dict[str, str | None]]:
    return [{"channel": each.name, "state": each.state, "reason": each.reason} for each in one.told]
