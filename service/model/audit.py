"""The log of changes: who changed what, and how it was before."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from service.model.identity import Revision, WorkspaceId
from service.model.resource import Action


class ChangeSubject(StrEnum):
    """What a change was made to."""

    RULE = "rule"
    WATCHLIST = "watchlist"
    CHANNEL = "channel"
    PERSON = "person"
    INVITATION = "invitation"
    SILENCE = "silence"
    TOKEN = "token"  # noqa: S105  (a word, no secret)
    WORKSPACE = "workspace"
    DELIVERY = "delivery"  # those to a channel, whose id and name it has
    DEAD_LETTER = "dead-letter"


class Change(Struct, frozen=True, kw_only=True):
    """One entry of the log."""

    revision: Revision
    at: datetime
    actor: str
    workspace: WorkspaceId | None  # None: the whole instance's, such as who may administer it
    kind: ChangeSubject
    resource: str  # the id of what was changed
    name: str  # as it was called then
    action: Action
    before: Mapping[str, Any] | None  # as it stood, secrets left out; None: it was not there
    after: Mapping[str, Any] | None
    reason: str | None = None  # why, where that does not go without saying
    cut: bool = False  # `before` and `after` are left out: they are too large for a list
