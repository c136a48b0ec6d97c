"""People and tokens: who may ask the service for what."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from service.model.identity import PersonId, Revision, TokenId, WorkspaceId


class Scope(StrEnum):
    """What a request needs, and what whoever asks was given. None includes another."""

    READ = "read"
    WRITE = "write"  # rules, watchlists, channels, deliveries
    ADMIN = "admin"  # tokens, people and invitations of the workspace, and its log of changes
    INSTANCE = "instance"  # workspaces and everybody's accounts; no role of a workspace allows it


class Role(StrEnum):
    """What a person may do in a workspace."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it allows; each role allows what those before it do."""
        every = (Scope.READ, Scope.WRITE, Scope.ADMIN)
        return frozenset(every[: list(Role).index(self) + 1])


class Person(Struct, frozen=True, kw_only=True):
    """Somebody with an account."""

    id: PersonId
    name: str  # unique, whatever its case
    admin: bool  # of the whole instance: every workspace, and who has an account
    created: datetime
    disabled: datetime | None = None  # since then this person cannot sign in; None: they can
    revision: Revision = Revision(0)  # of the last change of the above
    roles: Mapping[WorkspaceId, Role] = {}


class Member(Struct, frozen=True, kw_only=True):
    """Somebody with a part in a workspace, as that sees them."""

    id: PersonId
    name: str
    disabled: datetime | None  # since then this person cannot sign in; None: they can
    role: Role
    revision: Revision  # of the last change of the role


class Token(Struct, frozen=True, kw_only=True):
    """What a program shows to be let in; its secret is kept nowhere."""

    id: TokenId
    workspace: WorkspaceId
    name: str
    scopes: tuple[Scope, ...]
    made_by: str  # the actor's name
    person: PersonId | None = None  # who made it, or the token that made it; None: who runs commands here
    created: datetime
    expires: datetime | None = None  # None: never
    used: datetime | None = None  # to within a minute; None: never
    revoked: datetime | None = None
    revoked_by: str | None = None
    refused: bool = False  # the person is disabled: it lets nobody in until they are enabled
