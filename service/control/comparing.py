"""Rules held against the same past: what each would have done, and where two forms of one part."""

import asyncio
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import rules_of
from service.control import resources
from service.control.backtest import told
from service.control.tallied import Backtest, Ring
from service.model.errors import Faulty
from service.model.identity import WorkspaceId
from service.model.resource import ResourceKind
from service.store import Database
from service.store.history import key_of

_TOLD = 10  # filings of each side


class Held(Struct, frozen=True, kw_only=True):
    """A rule, and what it would have done."""

    rule: str
    claims: tuple[str, ...]  # what it asks for, in words
    found: Backtest


class RuleDifference(Struct, frozen=True, kw_only=True):
    """Two forms of a rule, and the filings for which only one of them would have rung."""

    first: Held
    second: Held
    both: int  # filings for which both would have rung
    only_first: tuple[Ring, ...]  # the latest of them
    only_first_count: int
    only_second: tuple[Ring, ...]
    only_second_count: int


async def stored(database: Database, workspace: WorkspaceId, named: str) -> CompiledRule:
    """The rule of *workspace* with this name or id, enabled or not, ready to be held against filings.

    Raises NotFound, and Faulty where this version cannot read it.
    """
    rule = await resources.find(database, workspace, ResourceKind.RULE, named)
    known = await resources.outline(database, workspace, *resources.OTHERS)
    wanted = resources.references(rule)
    others = [await resources.find(database, workspace, one.kind, one.id) for one in known if one.id in wanted]
    found = await asyncio.to_thread(rules_of, [*others, replace(rule, enabled=True)])
    if not found:
        raise Faulty(f"the rule {named!r} was written for another version, and this one cannot read it", ())
    return CompiledRule.of(found[0])


async def difference(
    database: Database, rules: tuple[CompiledRule, CompiledRule], found: tuple[Backtest, Backtest], now: datetime
) -> RuleDifference:
    """Where two *rules* part, of which *found* tells what each would have done in the same time.

    Where one was stopped, only what both have looked at counts.
    """
    begins = max(one.reached or one.since for one in found)
    first, second = ({one: None for one, known in each.rings.items() if known >= begins} for each in found)
    only = [one for one in first if one not in second], [one for one in second if one not in first]
    shown = [
        await told(database, rule, [key_of(one) for one in accessions[:_TOLD]], now)
        for rule, accessions in zip(rules, only, strict=True)
    ]
    held = [
        Held(rule=rule.rule.name, claims=tuple(rule.claims), found=one) for rule, one in zip(rules, found, strict=True)
    ]
    return RuleDifference(
        first=held[0],
        second=held[1],
        both=len(first) - len(only[0]),
        only_first=shown[0],
        only_first_count=len(only[0]),
        only_second=shown[1],
        only_second_count=len(only[1]),
    )
