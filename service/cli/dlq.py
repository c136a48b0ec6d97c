"""``dlq``: dead letters, listed, shown, retried and dropped."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import typer
from msgspec import Struct
from rich.text import Text

from consumers.dispatcher.step import DispatcherStep
from consumers.matcher.rulebook import rulebook
from consumers.matcher.step import MatcherStep
from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from consumers.stage import Step
from service import settings as environment
from service.cli.out import print_json
from service.cli.screen import Screen
from service.clock import now
from service.model.dead import DeadLetter
from service.model.errors import ConfigError, UnusableDocument
from service.model.filing import accession_of
from service.runtime.opened import opened
from service.settings import ROLES
from service.store import Database, events, filings, letters, resources
from service.store.letters import Kept, State
from service.text import legible, one_line
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic
from service.words import eastern

_NONE = "no open dead letter matches; see `filingbell dlq list`"


class Chosen(Struct, frozen=True, kw_only=True):
    """Which letters are meant."""

    names: tuple[str, ...] = ()  # ids, or accession numbers
    all: bool = False
    stage: str | None = None
    reason: str | None = None


def show_list(chosen: Chosen, *, settled: bool, limit: int, as_json: bool) -> None:
    """List open letters, and with *settled* the others too."""
    _refuse_unknown(chosen.stage)
    found = asyncio.run(_listed(chosen, list(State) if settled else [State.OPEN], limit))
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
    for one in asyncio.run(_named((name,))):
        sys.stdout.buffer.write(encode(one.letter) + b"\n")


def retry(chosen: Chosen) -> None:
    """Try the letters' records again; exit status 1 if one is as unusable as before."""
    _refuse_unknown(chosen.stage)
    told = asyncio.run(_retry(chosen))
    if not told:
        print(_NONE)
    for name, error in told:
        print(one_line(f"{name}: {'retried' if error is None else f'still unusable: {error}'}"))
    if any(error is not None for _, error in told):
        raise typer.Exit(1)


def drop(chosen: Chosen) -> None:
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


async def _listed(chosen: Chosen, states: list[State], limit: int) -> list[Kept]:
    async with opened() as (database, _):
        return await letters.listed(database, states, stage=chosen.stage, reason=chosen.reason, limit=limit)


async def _named(names: Sequence[str]) -> list[Kept]:
    async with opened() as (database, _):
        return await _found(database, Chosen(names=tuple(names)))


async def _found(database: Database, chosen: Chosen) -> list[Kept]:
    """The letters that are meant; raises ConfigError where there is none of a name, or nothing is named."""
    if chosen.names:
        found = []
        for name in chosen.names:
            named = await letters.find(database, _spelt(name))
            if not named:
                raise ConfigError(f"there is no dead letter {name}; see `filingbell dlq list --all`")
            found += named
        return found
    if not (chosen.all or chosen.stage or chosen.reason):
        raise ConfigError("say which: ids or accession numbers, --stage, --reason, or --all")
    return await letters.listed(database, [State.OPEN], stage=chosen.stage, reason=chosen.reason, limit=100_000)


def _spelt(name: str) -> str:
    """An accession number as the database spells it; an id as it is."""
    try:
        return accession_of(name)
    except ValueError:
        return name


async def _retry(chosen: Chosen) -> list[tuple[str, str | None]]:
    async with opened() as (database, _):
        again = _Again(database)
        told: list[tuple[str, str | None]] = []
        for kept in await _found(database, chosen):
            try:
                await again.handle(kept)
            except UnusableDocument as error:
                told.append((kept.id, str(error)))
            else:
                told.append((kept.id, None))
        return told


async def _drop(chosen: Chosen) -> list[str]:
    async with opened() as (database, _):
        found = await _found(database, chosen)
        async with database.transaction() as tx:
            for kept in found:
                await letters.settle(tx, kept.id, State.DROPPED)
        return [kept.id for kept in found]


class _Again:
    """Does with a letter's record what its stage would have done.

    The events that come of it have the ids they would have had, so that nothing comes twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def handle(self, kept: Kept) -> None:
        """Handle it; raises UnusableDocument if it is as unusable as before."""
        letter = kept.letter
        match letter.group:
            case "poller":
                await self._fetch_again(kept)
            case events.RELAY:
                await self._relay_again(kept)
            case "parser" | "matcher" | "dispatcher":
                await self._through(await self._step(letter.group), kept)
            case other:
                raise ConfigError(f"{kept.id}: there is no stage {other!r} to retry it")

    async def _step(self, group: str) -> Step[Any]:
        settings = environment.load()
        match group:
            case "parser":
                limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
                return ParserStep(now, limits, Unwatched())
            case "matcher":
                rules = rulebook(*await resources.every(self._database))
                return MatcherStep(lambda: rules, now, Unwatched())
        return DispatcherStep(now)

    async def _through(self, step: Step[Any], kept: Kept) -> None:
        result = step.read(_record(kept.letter))
        async with self._database.transaction() as tx:
            await step.write(tx, [result])
            await letters.settle(tx, kept.id, State.RETRIED)

    async def _fetch_again(self, kept: Kept) -> None:
        accession = kept.letter.accession
        async with self._database.transaction() as tx:
            if accession is not None:
                await filings.reopen(tx, accession, now())
            await letters.settle(tx, kept.id, State.RETRIED)

    async def _relay_again(self, kept: Kept) -> None:
        async with self._database.transaction() as tx:
            if not await events.append_again(tx, kept.letter.id or ""):
                raise ConfigError(f"{kept.id}: the database does not keep {kept.letter.id} any more")
            await letters.settle(tx, kept.id, State.RETRIED)


def _record(letter: DeadLetter) -> Record:
    return Record(
        topic=Topic(letter.topic or Topic.FILINGS),
        partition=letter.partition or 0,
        offset=letter.offset or 0,
        key=letter.key or "",
        id=letter.id or "",
        headers={"ce_subject": letter.accession or ""},
        value=letter.original.data(),
    )


def _row(kept: Kept) -> dict[str, Any]:
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
