"""The log of changes: what was changed in a workspace, by whom, and how it was before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from service.model.audit import Change, ChangeSubject
from service.model.errors import NotFound
from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action, Actor
from service.store import Database, Transaction, audit, resources
from service.store.audit import WhichChanges


class AskedBy(Struct, frozen=True, kw_only=True):
    """Who asks for something that the log is to tell of, and when."""

    by: Actor
    at: datetime


class Changed(Struct, frozen=True, kw_only=True):
    """What a change was made to, as it stood and as it stands; no secret is in it."""

    kind: ChangeSubject
    id: str
    name: str
    before: Mapping[str, Any] | None = None  # None: it was not there
    after: Mapping[str, Any] | None = None  # None: it is not there any more


async def note(
    tx: Transaction,
    actor: Actor,
    action: Action,
    changed: Changed,
    now: datetime,
    *,
    whole: bool = False,
    reason: str | None = None,
) -> Revision:
    """Add what *tx* does to the log, and return its revision; the caller holds the lock that all changes take.

    It is of the actor's workspace, or of the *whole* instance.
    """
    revision = await resources.next_revision(tx)
    change = Change(
        revision=revision,
        at=now,
        actor=actor.name,
        workspace=None if whole else actor.workspace,
        kind=changed.kind,
        resource=changed.id,
        name=changed.name,
        action=action,
        before=changed.before,
        after=changed.after,
        reason=reason,
    )
    await audit.keep(tx, change)
    return revision


async def history(database: Database, which: WhichChanges, limit: int) -> list[Change]:
    """The latest changes, newest first; of what is large, such as a portfolio, `before` and `after` are cut."""
    return await audit.history(database, which, limit)


async def find(database: Database, which: WhichChanges, revision: Revision) -> Change:
    """The one of those changes that has this revision, whole; raises NotFound."""
    found = await audit.find(database, which, revision)
    if found is None:
        raise NotFound("there is no such change")
    return found


async def actors(database: Database, workspace: WorkspaceId, *, whole: bool) -> list[str]:
    """Who has changed anything in *workspace*, or in the *whole* instance besides."""
    return await audit.actors(database, workspace, whole=whole)
