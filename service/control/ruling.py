"""The rules of a workspace as people look at them: what each asks for, how it fares, and how often it rang."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from service.control import resources
from service.control.resources import OTHERS
from service.control.sections import Inventory, in_words, shown
from service.model.audit import Change
from service.model.calendar import MIDNIGHT, at, eastern_day
from service.model.filing import Accession
from service.model.identity import RuleId, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.store import Database, habits, listing, rings, tape
from service.store import resources as kept
from service.store.listing import Disabled, Failing, ResourceState
from service.store.rings import AlertsSince, Rings, RuleAlert

_LATELY = 20  # alerts, and changes


class RuleLine(Struct, frozen=True, kw_only=True):
    """One rule."""

    rule: Resource
    asks: tuple[str, ...]  # in words; empty: this version cannot read it, or it asks for all
    channels: tuple[str, ...]  # their names
    rings: Rings
    failing: Failing | None  # None: it works, as far as is known
    disabled: Disabled | None  # None: it is enabled

    @property
    def state(self) -> ResourceState:
        """How it stands."""
        if not self.rule.enabled:
            return ResourceState.DISABLED
        return ResourceState.FAILING if self.failing else ResourceState.ON


class RuleDetail(Struct, frozen=True, kw_only=True):
    """One rule with what became of it."""

    line: RuleLine
    settings: dict[str, Any]  # as its author would write them
    lately: tuple[RuleAlert, ...]  # its last alerts, the latest first
    headlines: Mapping[Accession, str]  # of their filings, so far as the tape has them
    changes: tuple[Change, ...]  # the latest first
    odd: habits.RuleWithHabit | None  # what is usual for it, and what is not; None: it was not looked at yet


class RulesOverview(Struct, frozen=True, kw_only=True):
    """A part of the rules."""

    lines: tuple[RuleLine, ...]
    total: int  # rules that were looked for


async def overview(
    database: Database,
    workspace: WorkspaceId,
    now: datetime,
    start: int,
    limit: int,
    *,
    text: str = "",
    which: ResourceState | None = None,
) -> RulesOverview:
    """Up to *limit* rules by name from the place *start* on.

    With *text*: those that have it in their name, in what they ask for, or in the name of a channel or watchlist.
    """
    known = await resources.outline(database, workspace, *OTHERS)
    like = [one.id for one in known if text and text.casefold() in one.name.casefold()]
    found = await listing.page(database, workspace, ResourceKind.RULE, start, limit, text=text, named=like, which=which)
    return RulesOverview(lines=await lines(database, found.found, known, now), total=found.total)


async def told(database: Database, workspace: WorkspaceId, named: str, now: datetime) -> RuleDetail:
    """The rule with this name or id; raises NotFound."""
    rule = await resources.find(database, workspace, ResourceKind.RULE, named)
    known = await resources.outline(database, workspace, *OTHERS)
    (line,) = await lines(database, [rule], known, now)
    lately = await rings.latest(database, RuleId(rule.id), _LATELY)
    told_of = await tape.several(database, [one.accession for one in lately])
    return RuleDetail(
        line=line,
        settings=shown(rule, known),
        lately=tuple(lately),
        headlines={accession: one.headline for accession, one in told_of.items()},
        changes=tuple(await kept.history(database, workspace, rule.id, _LATELY)),
        odd=await habits.find(database, rule.id),
    )


async def referable(database: Database, workspace: WorkspaceId) -> tuple[list[str], list[str]]:
    """The names of the watchlists, and of the channels, that a rule can name."""
    every = await resources.outline(database, workspace, *OTHERS)
    watchlists, channels = (sorted(one.name for one in every if one.kind is kind) for kind in OTHERS)
    return watchlists, channels


async def lines(database: Database, rules: Iterable[Resource], known: Inventory, now: datetime) -> tuple[RuleLine, ...]:
    """Each of *rules*; *known* has the names of what they refer to."""
    every = tuple(rules)
    ids = [one.id for one in every]
    rung = await rings.of(database, ids, since(now))
    failing = await listing.failing(database, ids)
    disabled = await listing.disabled(database, [one.revision for one in every if not one.enabled])
    return tuple(
        RuleLine(
            rule=one,
            asks=in_words(one, known),
            channels=tuple(map(known.name_of, one.section["channels"])),
            rings=rung.get(RuleId(one.id), Rings()),
            failing=failing.get(one.id),
            disabled=None if one.enabled else disabled.get(one.id),
        )
        for one in every
    )


def since(now: datetime) -> AlertsSince:
    """Today by New York's calendar, and the 7 and 30 days that end now."""
    return AlertsSince(day=at(eastern_day(now), MIDNIGHT), week=now - timedelta(days=7), month=now - timedelta(days=30))
