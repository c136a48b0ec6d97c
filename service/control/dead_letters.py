"""Dead letters: what could not be used, tried again under the ids it had, or put aside."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from msgspec import Struct

from consumers.parser.limits import Limits
from consumers.steps import Ample, Recalling, Step
from service.control.audit import AskedBy, Changed, note
from service.model.audit import ChangeSubject
from service.model.dead import DeadLetter
from service.model.errors import ConfigError, NotFound, UnusableDocument
from service.model.filing import accession_of
from service.model.person import Scope
from service.model.resource import Action, Actor
from service.settings import Settings
from service.store import Database, Transaction, events, filings, letters, resources
from service.store.letters import KeptLetter, LetterState, Place, WhichLetters
from service.vitals import Unwatched
from service.wire.topics import Record, Topic

_OF_FILINGS = ("poller", "parser", "matcher")  # stages whose letters are on filings, which are everybody's
_MOST = 100_000  # letters that are meant at once


class ChosenLetters(Struct, frozen=True, kw_only=True):
    """Which letters are meant."""

    names: tuple[str, ...] = ()  # ids, or accession numbers
    all: bool = False
    stage: str | None = None
    reason: str | None = None


def stages_for(scopes: Collection[Scope]) -> tuple[str, ...]:
    """Of which stages somebody with these *scopes* sees the letters; empty: of all."""
    return () if Scope.INSTANCE in scopes else _OF_FILINGS


async def page(database: Database, which: WhichLetters, limit: int, behind: Place | None = None) -> list[KeptLetter]:
    """The latest *limit* letters, or those next *behind* one; latest first."""
    return await letters.page(database, which, limit, behind)


async def find(database: Database, name: str) -> list[KeptLetter]:
    """The letters of this id, or on the filing of this accession number; raises NotFound."""
    found = await letters.find(database, _spelt(name))
    if not found:
        raise NotFound(f"there is no dead letter {name}")
    return found


async def one(database: Database, letter: str, stages: tuple[str, ...] = ()) -> KeptLetter:
    """The letter of this id, if it is of one of *stages* (empty: of any); raises NotFound."""
    found = next((one for one in await letters.find(database, letter) if one.id == letter), None)
    if found is None or (stages and found.letter.group not in stages):
        raise NotFound(f"there is no dead letter {letter!r}")
    return found


async def chosen(database: Database, wanted: ChosenLetters) -> list[KeptLetter]:
    """The letters that are meant, oldest first: those named, whatever became of them, or the open ones.

    Raises NotFound where there is none of a name.
    """
    if wanted.names:
        return [one for name in wanted.names for one in await find(database, name)]
    which = WhichLetters(
        states=(LetterState.OPEN,), stages=(wanted.stage,) if wanted.stage else (), reason=wanted.reason
    )
    return (await letters.page(database, which, _MOST))[::-1]


async def drop(database: Database, found: Sequence[KeptLetter], asked: AskedBy) -> None:
    """Put the letters aside for good; what they hold stays on form4.dead. The log of changes has who *asked*."""
    async with database.transaction() as tx:
        await resources.lock(tx)
        for kept in found:
            await _settle(tx, kept, LetterState.DROPPED, asked)


class Again:
    """Does with a letter's record what its stage would have done.

    The events that come of it have the ids they would have had, so that nothing comes twice.
    """

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime], by: Actor) -> None:
        self._database = database
        self._by = by  # as the log of changes has it
        self._limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
        self._clock = clock

    async def retry(self, kept: KeptLetter) -> str | None:
        """Handle it; returns why it is as unusable as before, None: it is not. Raises ConfigError if nothing can."""
        try:
            await self._handle(kept)
        except UnusableDocument as error:
            return str(error)
        return None

    async def _handle(self, kept: KeptLetter) -> None:
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
        match group:
            case "parser":
                from consumers.parser.step import ParserStep

                return ParserStep(self._clock, self._limits, Unwatched())
            case "matcher":
                from consumers.matcher.rulebook import rulebook
                from consumers.matcher.step import MatcherStep

                rules = rulebook(*await resources.every(self._database))
                return MatcherStep(lambda: rules, self._clock, Unwatched())
        from consumers.dispatcher.step import DispatcherStep

        return DispatcherStep(self._clock)

    async def _through(self, step: Step[Any], kept: KeptLetter) -> None:
        record = _record(kept.letter)
        if isinstance(step, Recalling):
            await step.recall(self._database, [record])
        results = [step.read(record)]
        if isinstance(step, Ample):
            results = await step.ahead(self._database, results)
        async with self._settling(kept) as tx:
            await step.write(tx, results)

    async def _fetch_again(self, kept: KeptLetter) -> None:
        accession = kept.letter.accession
        async with self._settling(kept) as tx:
            if accession is not None:
                await filings.reopen(tx, accession, self._clock())

    async def _relay_again(self, kept: KeptLetter) -> None:
        async with self._settling(kept) as tx:
            if not await events.append_again(tx, kept.letter.id or ""):
                raise ConfigError(f"{kept.id}: the database does not keep {kept.letter.id} any more")

    @asynccontextmanager
    async def _settling(self, kept: KeptLetter) -> AsyncIterator[Transaction]:
        """What is done in it has settled the letter."""
        async with self._database.transaction() as tx:
            await resources.lock(tx)
            yield tx
            await _settle(tx, kept, LetterState.RETRIED, AskedBy(by=self._by, at=self._clock()))


async def _settle(tx: Transaction, kept: KeptLetter, state: LetterState, asked: AskedBy) -> None:
    """Keep what became of a letter; filings are everybody's, so that it is the whole instance's change."""
    await letters.settle(tx, kept.id, state)
    told = {"stage": kept.letter.group, "reason": kept.letter.reason}
    changed = Changed(kind=ChangeSubject.DEAD_LETTER, id=kept.id, name=kept.letter.accession or kept.id, before=told)
    await note(tx, asked.by, Action(state), changed, asked.at, whole=True)


def _spelt(name: str) -> str:
    """An accession number as the database spells it; an id as it is."""
    try:
        return accession_of(name)
    except ValueError:
        return name


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
