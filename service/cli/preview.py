"""``preview``: what a channel would be sent for a filing, without sending it."""

import asyncio
import sys
from collections.abc import Sequence

from rich.text import Text

from consumers.dispatcher.seen import How, SeenPart
from consumers.matcher.subject import Subject
from service.cli import about
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control.previewing import Preview
from service.control.previewing import preview as previewed
from service.model.resource import Resource
from service.text import each_line, one_line
from service.wire import encode
from service.words import counted

_STYLES = {How.HEADLINE: "bold", How.HEADING: "bold", How.SMALL: "dim", How.LINK: "underline"}


def preview(channel: str, filing: str, workspace: str, *, raw: bool, as_json: bool) -> None:
    """Show what *channel* would be sent for *filing* (see `about`): as people see it, or *raw*, as it is sent."""
    resource, messages = asyncio.run(_previewed(channel, about.known(filing).subject, workspace))
    if as_json:
        sys.stdout.write(encode(messages).decode() + "\n")
        return
    screen = Screen()
    for one in messages:
        by = (
            f"by rule {one.rule}" if one.rule else "as if a rule asked for everything: the filing meets none of its own"
        )
        kind = resource.section.get("type")
        screen.print(
            Text(one_line(f"{resource.name} ({kind}), {by}; {counted(one.message.size, 'byte')}"), style="dim"),
            soft_wrap=True,
        )
        screen.print()
        if raw:
            screen.print(Text(each_line(one.message.body)), soft_wrap=True)
        else:
            _show(one.message.parts, screen)
        screen.print()
    if messages[0].rule is None:
        screen.print(Text("Nothing is sent for it. `filingbell why` says why.", style="dim"), soft_wrap=True)


async def _previewed(channel: str, subject: Subject, workspace: str) -> tuple[Resource, Sequence[Preview]]:
    async with acting(workspace) as (database, vault, actor):
        return await previewed(database, vault, actor.workspace, channel, subject, now())


def _show(parts: Sequence[SeenPart], screen: Screen) -> None:
    for part in parts:
        style = _STYLES.get(part.how, "")
        if part.how is How.HEADING:
            screen.print()
        link = f"  {one_line(part.url)}" if part.url and part.url != part.text else ""
        text = each_line(part.text) if part.how is How.CODE else one_line(part.text)
        screen.print(Text.assemble((text, style), (link, "dim")), soft_wrap=part.how in (How.CODE, How.LINK))
