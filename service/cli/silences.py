"""``silences``: what nobody is told of for a time."""

import asyncio
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from rich.console import Console
from rich.text import Text

from service.cli.moment import later
from service.cli.out import print_json
from service.cli.resources import acting
from service.cli.screen import Screen
from service.clock import now
from service.control import silences
from service.control.silences import SilenceDraft
from service.model.errors import ConfigError
from service.model.silence import Silence
from service.store.silences import Counted
from service.words import counted, eastern

_MOST = 500


def show_list(workspace: str, *, ended: bool, as_json: bool) -> None:
    """Every one that holds, and with *ended* those that did."""

    async def read() -> tuple[list[Counted], dict[Any, str]]:
        async with acting(workspace) as (database, _, actor):
            found = await silences.listed(database, actor.workspace, now(), _MOST, ended=ended)
            return found, dict(await silences.in_words(database, [one.silence for one in found]))

    found, words = asyncio.run(read())
    if as_json:
        print_json([_row(one, words[one.silence.id]) for one in found])
        return
    console = Screen()
    if not found:
        console.print("no silence is active: filingbell silences add --ticker AAPL --for 1d --reason WHY")
    for one in found:
        _show(one, words[one.silence.id], console)


def show(silence: str, workspace: str, *, as_json: bool) -> None:
    """Print one, and how to send what it kept."""

    async def read() -> tuple[Counted, str]:
        async with acting(workspace) as (database, _, actor):
            found = await silences.find(database, actor.workspace, silence)
            return found, (await silences.in_words(database, [found.silence]))[found.silence.id]

    found, words = asyncio.run(read())
    if as_json:
        print_json(_row(found, words))
        return
    console = Screen()
    _show(found, words, console)
    if found.suppressed:
        console.print(Text(f"  to see them: filingbell deliveries list {found.silence.id}"), soft_wrap=True)
        console.print(Text(f"  to send them: filingbell deliveries resend {found.silence.id}"), soft_wrap=True)


def add(draft: SilenceDraft, lasts: str | None, until: str | None, workspace: str) -> None:
    """Make one, and print its id."""
    at = now()
    ends = _ends(lasts, until, at)

    async def write() -> tuple[Silence, str]:
        async with acting(workspace, create=True) as (database, _, actor):
            made = await silences.add(database, actor, draft, ends, at)
            return made, (await silences.in_words(database, [made]))[made.id]

    made, words = asyncio.run(write())
    print(made.id)
    told = f"silenced until {eastern(made.ends)}: {words}. What is found until then is kept, and not sent"
    Screen(stderr=True).print(Text(told), soft_wrap=True)


def remove(silence: str, workspace: str) -> None:
    """Let it hold no more."""

    async def write() -> Counted:
        async with acting(workspace) as (database, _, actor):
            await silences.end(database, actor, silence, now())
            return await silences.find(database, actor.workspace, silence)

    found = asyncio.run(write())
    kept = counted(found.suppressed, "delivery", "deliveries")
    after = f"; to send the {kept} that it kept: filingbell deliveries resend {silence}" if found.suppressed else ""
    Screen().print(Text(f"ended silence {silence}{after}"), soft_wrap=True)


def _ends(lasts: str | None, until: str | None, at: datetime) -> datetime:
    if (lasts is None) is (until is None):
        raise ConfigError("say for how long: --for 1d, or --until 2026-11-30")
    try:
        return later(lasts or until or "", at)
    except ValueError as error:
        raise ConfigError(f"{'--until' if lasts is None else '--for'}: {error}") from None


def _show(one: Counted, words: str, console: Console) -> None:
    silence = one.silence
    holds = silence.ends > now()
    until = f"until {eastern(silence.ends)}" if holds else f"ended {eastern(silence.ends)}"
    console.print(Text.assemble((until, "yellow" if holds else "dim"), f"  {words}"), soft_wrap=True)
    ended = f", ended by {silence.ended_by}" if silence.ended_by else ""
    console.print(Text(f"  {silence.reason} ({silence.made_by}, {eastern(silence.created)}{ended})"), soft_wrap=True)
    console.print(Text(f"  {counted(one.suppressed, 'delivery', 'deliveries')} not sent for it"), soft_wrap=True)
    console.print(Text(f"  id {silence.id}", style="dim"), soft_wrap=True)


def _row(one: Counted, words: str) -> dict[str, Any]:
    told: dict[str, Any] = to_builtins(one.silence)
    return told | {"means": words, "suppressed": one.suppressed}
