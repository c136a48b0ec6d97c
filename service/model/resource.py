"""What users own and change while the service runs: rules, watchlists and channels."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from service.model.identity import Prefix, Revision, WorkspaceId
from service.model.tickers import Placement


class ResourceKind(StrEnum):
    """The kinds of resources."""

    CHANNEL = "channel"
    WATCHLIST = "watchlist"
    RULE = "rule"

    @property
    def prefix(self) -> Prefix:
        """What the ids of its resources begin with."""
        return {
            ResourceKind.RULE: Prefix.RULE,
            ResourceKind.WATCHLIST: Prefix.WATCHLIST,
            ResourceKind.CHANNEL: Prefix.CHANNEL,
        }[self]


class Resource(Struct, frozen=True, kw_only=True):
    """One rule, watchlist or channel as it stands."""

    id: str
    kind: ResourceKind
    workspace: WorkspaceId
    name: str  # unique among its kind in its workspace
    section: Mapping[str, Any]  # as in a configuration file, but what it refers to by id, and secrets sealed
    enabled: bool = True
    file: str | None = None  # the file that provisions it, and alone may change it; None: people made it
    revision: Revision = Revision(0)  # of its last change
    created: datetime
    placed: tuple[Placement, ...] = ()  # of a watchlist: what its tickers stand for, where the SEC's list says it
    removed: datetime | None = None  # then its name is free, and only what refers to it finds it; None: it is there


SERVICE = "filingbell"
"""The name of the actor where the service itself changes something."""


class Actor(Struct, frozen=True, kw_only=True):
    """Who asks for a change."""

    name: str  # such as "cli:anna", or the file's path
    workspace: WorkspaceId
    file: str | None = None  # set where a file is applied: it may change what it owns


class Action(StrEnum):
    """What a change did."""

    ADDED = "added"
    CHANGED = "changed"
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"
    RESENT = "resent"
    ACKNOWLEDGED = "acknowledged"
    FLUSHED = "flushed"
    MOVED = "moved"
    RETRIED = "retried"
    DROPPED = "dropped"
    ENDED = "ended"  # before its time
    PLACED = "placed"  # its tickers were found on the SEC's list, or a person has accepted what they stand for now
