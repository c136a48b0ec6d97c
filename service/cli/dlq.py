"""``dlq``: dead letters, listed, shown, retried and dropped."""

import asyncio
import sys
from typing import Any

import typer
from rich.text import Text

from service import settings as environment
from service.cli.out import print_json
from service.cli.resources import whoever_types
from service.cli.screen import Screen
from service.clock import now
from service.control import dead_letters as control
from service.control.audit import AskedBy
from service.control.dead_letters import Again, ChosenLetters
from service.model.errors import ConfigError, NotFound
from service.model.identity import DEFAULT
from service.runtime.opened import opened
from service.settings import ROLES
from service.store import Database
from service.store.letters import KeptLetter, LetterState, WhichLetters
from service.text import legible, one_line
from service.wire import encode
from service.words import eastern

_NONE = "no open dead letter matches; see `filingbell dlq list`"


def show_list(chosen: ChosenLetters, *, settled: bool, limit: int, as_json: bool) -> None:
    """List open letters, and with *settled* the others too."""
    _refuse_unknown(chosen.stage)
    which = WhichLetters(
        states=tuple(LetterState) if settled else (LetterState.OPEN,),
        stages=(chosen.stage,) if chosen.stage else (),
        reason=chosen.reason,
    )
    found = asyncio.run(_listed(which, limit))
    if as_json:
        print_json([_row(one) for one in found])
        return
    console = Screen()
    if not found:
        such = "such " if chosen.stage or chosen.reason else ""
        console.print(f"no {such}dead letters" + ("" if settled else " are open"))
        return
    for one in legible(found):
        letter = one.letter
        line = f"{one.id}  {one.state}  {eastern(letter.died)}  {letter.accession or ''}"
        console.print(Text(line, style="bold"), soft_wrap=True)
        console.hang(Text("  "), Text(f"{letter.reason}: {letter.message}"))


def show(name: str) -> None:
    """Print a letter as JSON, with the bytes that could not be used."""
    for one in asyncio.run(_named(ChosenLetters(names=(name,)))):
        sys.stdout.buffer.write(encode(one.letter) + b"\n")


def retry(chosen: ChosenLetters) -> None:
    """Try the letters' records again; exit status 1 if one is as unusable as before."""
    _refuse_unknown(chosen.stage)
    told = asyncio.run(_retry(chosen))
    if not told:
        print(_NONE)
    for name, error in told:
        print(one_line(f"{name}: {'retried' if error is None else f'still unusable: {error}'}"))
    if any(error is not None for _, error in told):
        raise typer.Exit(1)


def drop(chosen: ChosenLetters) -> None:
    """Put the letters aside for good; what they hold stays on form4.dead."""
    _refuse_unknown(chosen.stage)
    dropped = asyncio.run(_drop(chosen))
    if not dropped:
        print(_NONE)
    for name in dropped:
        print(f"{name}: dropped")


def _refuse_unknown(stage: str | None) -> None:
    if stage is not None and stage not in ROLES:
        raise ConfigError(f"there is no stage {stage!r}; the stages are {', '.join(ROLES)}")


async def _listed(which: WhichLetters, limit: int) -> list[KeptLetter]:
    """Oldest first: the latest stands next to the prompt."""
    async with opened() as (database, _):
        return (await control.page(database, which, limit))[::-1]


async def _named(chosen: ChosenLetters) -> list[KeptLetter]:
    async with opened() as (database, _):
        return await _found(database, chosen)


async def _found(database: Database, chosen: ChosenLetters) -> list[KeptLetter]:
    """The letters that are meant; raises ConfigError where there is none of a name, or nothing is named."""
    if not (chosen.names or chosen.all or chosen.stage or chosen.reason):
        raise ConfigError("say which: ids or accession numbers, --stage, --reason, or --all")
    try:
        return await control.chosen(database, chosen)
    except NotFound as error:
        raise ConfigError(f"{error}; see `filingbell dlq list --all`") from None


async def _retry(chosen: ChosenLetters) -> list[tuple[str, str | None]]:
    settings = environment.load()
    async with opened(settings=settings) as (database, _):
        again = Again(database, settings, now, whoever_types(DEFAULT))
        return [(kept.id, await again.retry(kept)) for kept in await _found(database, chosen)]


async def _drop(chosen: ChosenLetters) -> list[str]:
    async with opened() as (database, _):
        found = await _found(database, chosen)
        await control.drop(database, found, AskedBy(by=whoever_types(DEFAULT), at=now()))
        return [kept.id for kept in found]


def _row(kept: KeptLetter) -> dict[str, Any]:
    letter = kept.letter
    return {
        "id": kept.id,
        "state": kept.state,
        "died": letter.died,
        "stage": letter.group,
        "reason": letter.reason,
        "accession": letter.accession,
        "message": letter.message,
    }
