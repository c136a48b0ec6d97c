"""The rules of every workspace as the matcher holds them: one snapshot, with the revision at which they stand so."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from consumers.language.rules import rules, watchlists
from consumers.matcher.index.building import paused
from consumers.matcher.index.ruleset import RuleSet
from service.model.errors import ConfigError
from service.model.identity import Revision, RuleId
from service.model.resource import Resource, ResourceKind
from service.model.rule import Rule, Watchlist
from service.store.resources import Since

log = structlog.get_logger()


class Rulebook(Struct, frozen=True, kw_only=True):
    """What is matched, and as of when."""

    revision: Revision
    rules: RuleSet

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        """Rules that are stored nowhere: those of a file."""
        return cls(revision=Revision(0), rules=RuleSet(rules))

    def since(self, since: Since) -> "Rulebook":
        """It as it stands after what was changed *since*: rules that were, or that name what was, are made anew."""
        gone = [RuleId(one.id) for one in (*since.changed, *since.naming) if one.kind is ResourceKind.RULE]
        standing = (one for one in (*since.changed, *since.naming, *since.named) if one.removed is None)
        return Rulebook(revision=since.revision, rules=self.rules.changed(gone, rules_of(paused(standing))))


def rulebook(revision: Revision, resources: Sequence[Resource]) -> Rulebook:
    """The enabled rules among *resources*, compiled."""
    return Rulebook(revision=revision, rules=RuleSet(rules_of(resources)))


def rules_of(resources: Iterable[Resource]) -> list[Rule]:
    """The enabled rules among *resources*; one that cannot be read is told and left out, and hurts no other."""
    every = list(resources)
    lists = {one.id: found for one in every if one.kind is ResourceKind.WATCHLIST if (found := _watchlist(one))}
    channels = {one.id for one in every if one.kind is ResourceKind.CHANNEL}
    made = (_rule(one, lists, channels) for one in every if one.kind is ResourceKind.RULE and one.enabled)
    return [rule for rule in paused(made) if rule is not None]


def _watchlist(resource: Resource) -> Watchlist | None:
    try:
        return watchlists({resource.name: resource.section})[resource.name].with_placed(resource.placed)
    except ConfigError as error:
        _unreadable(resource, error)
        return None


def _rule(resource: Resource, lists: Mapping[str, Watchlist], channels: set[str]) -> Rule | None:
    try:
        (rule,) = rules({resource.name: resource.section}, lists, channels, stored=True)
    except ConfigError as error:
        _unreadable(resource, error)
        return None
    return msgspec.structs.replace(
        rule, id=RuleId(resource.id), workspace=resource.workspace, revision=resource.revision
    )


def _unreadable(resource: Resource, error: ConfigError) -> None:
    faults = [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in error.faults]
    log.error("resource_unreadable", kind=resource.kind, id=resource.id, name=resource.name, faults=faults)
