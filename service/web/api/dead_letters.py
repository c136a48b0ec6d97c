"""Dead letters: what could not be used, and trying it again.

Those on filings are everybody's; those of the other stages concern what is sent, and are the instance's.
"""

from datetime import datetime

from msgspec import Struct

from service.control import dead_letters as control
from service.control.dead_letters import Again
from service.model.errors import UnusableReason
from service.model.filing import Accession, Original
from service.model.person import Scope
from service.store.letters import KeptLetter, LetterState, Place, WhichLetters
from service.web.api.rules import filing
from service.web.endpoint import Answer, Call, Endpoint
from service.web.paging import Limit, behind, part


class DeadLettersAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which letters are asked for: those for which everything holds that is given."""

    limit: Limit = 100
    cursor: str | None = None  # the `next` of the part before; null: the latest
    state: LetterState | None = LetterState.OPEN  # null: any
    reason: UnusableReason | None = None
    filing: str | None = None  # an accession number, or EDGAR's link to the filing


class DeadLetterShown(Struct, frozen=True, kw_only=True):
    """A record that a stage could not use."""

    id: str
    state: LetterState
    stage: str  # that gave up
    reason: UnusableReason
    message: str  # what is wrong with it
    accession: Accession | None  # null: the record does not even tell that
    died: datetime


class DeadLetters(Struct, frozen=True, kw_only=True):
    """Letters, latest first."""

    items: tuple[DeadLetterShown, ...]
    next: str | None  # the cursor of the next part; null: this was the last


class DeadLetterWhole(Struct, frozen=True, kw_only=True):
    """A letter, and what could not be used."""

    letter: DeadLetterShown
    original: Original


class Retried(Struct, frozen=True, kw_only=True):
    """What came of trying again."""

    used: bool
    why: str | None  # it is as unusable as before; null: it was used


def _shown(kept: KeptLetter) -> DeadLetterShown:
    letter = kept.letter
    return DeadLetterShown(
        id=kept.id,
        state=kept.state,
        stage=letter.group,
        reason=letter.reason,
        message=letter.message,
        accession=letter.accession,
        died=letter.died,
    )


def _stages(call: Call) -> tuple[str, ...]:
    return control.stages_for(call.asker.scopes)


async def _list(call: Call) -> Answer:
    asked: DeadLettersAsked = call.query
    which = WhichLetters(
        states=(asked.state,) if asked.state else tuple(LetterState),
        stages=_stages(call),
        reason=asked.reason,
        accession=filing(asked.filing, "filing") if asked.filing is not None else None,
    )
    last: Place | None = behind(asked.cursor, Place)
    found = await control.page(call.context.database, which, asked.limit + 1, last)
    items, following = part(found, asked.limit, lambda kept: (kept.letter.died, kept.id))
    return Answer(content=DeadLetters(items=tuple(map(_shown, items)), next=following))


async def _show(call: Call) -> Answer:
    kept = await control.one(call.context.database, call.path["letter"], _stages(call))
    return Answer(content=DeadLetterWhole(letter=_shown(kept), original=kept.letter.original))


async def _retry(call: Call) -> Answer:
    context = call.context
    kept = await control.one(context.database, call.path["letter"])
    why = await Again(context.database, context.settings, context.clock.now, call.asker.actor).retry(kept)
    return Answer(content=Retried(used=why is None, why=why))


async def _drop(call: Call) -> Answer:
    kept = await control.one(call.context.database, call.path["letter"])
    await control.drop(call.context.database, [kept], call.asked)
    return Answer()


_ONE = "/dead-letters/{letter}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/dead-letters",
        name="list_dead_letters",
        summary="List what could not be used, latest first",
        scope=Scope.READ,
        handler=_list,
        asks=DeadLettersAsked,
        gives=DeadLetters,
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        name="show_dead_letter",
        summary="Show a letter with the bytes that could not be used",
        scope=Scope.READ,
        handler=_show,
        gives=DeadLetterWhole,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/retry",
        name="retry_dead_letter",
        summary="Try again to use it, under the ids it had",
        scope=Scope.INSTANCE,
        handler=_retry,
        gives=Retried,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/drop",
        name="drop_dead_letter",
        summary="Put it aside for good; it stays on form4.dead",
        scope=Scope.INSTANCE,
        handler=_drop,
    ),
)
