"""A rule that is not made yet: what it asks for, and how a filing would fare under it."""

import asyncio
from datetime import datetime
from typing import Any

from consumers.matcher.explain import explain
from consumers.matcher.match import CompiledRule
from consumers.matcher.rulebook import rules_of
from service.control.resources import OTHERS, find, outline, references
from service.control.sections import Inventory, in_words, stored
from service.control.why import subject_of
from service.model.alert import Explanation
from service.model.errors import NotFound
from service.model.filing import Accession
from service.model.identity import WorkspaceId, new_id
from service.model.resource import Resource, ResourceKind
from service.store import Database
from service.vault import Vault


async def read_as(
    database: Database, vault: Vault, workspace: WorkspaceId, name: str, content: Any, now: datetime
) -> tuple[str, ...]:
    """What a rule with *content* would ask for, in words; raises Faulty with every fault."""
    known = await outline(database, workspace, *OTHERS)
    return in_words(_drafted(known, vault, workspace, name, content, now), known)


async def preview(
    database: Database,
    vault: Vault,
    workspace: WorkspaceId,
    name: str,
    content: Any,
    accession: Accession,
    now: datetime,
) -> Explanation:
    """How the filing fares under a rule with *content*; raises Faulty, and NotFound where it is not here."""
    rule = await compiled(database, vault, workspace, name, content, now)
    subject = await subject_of(database, accession, [rule.rule], now)
    if subject is None:
        raise NotFound(f"{accession} is not here: it was never seen, or longer ago than the database keeps filings")
    return explain(rule, subject)


async def compiled(
    database: Database, vault: Vault, workspace: WorkspaceId, name: str, content: Any, now: datetime
) -> CompiledRule:
    """The rule that *content* asks for, ready to be held against filings; raises Faulty with every fault."""
    known = await outline(database, workspace, *OTHERS)
    draft = _drafted(known, vault, workspace, name, content, now)
    wanted = references(draft)
    others = [await find(database, workspace, one.kind, one.id) for one in known if one.id in wanted]
    (rule,) = await asyncio.to_thread(rules_of, [*others, draft])
    return CompiledRule.of(rule)


def _drafted(
    known: Inventory, vault: Vault, workspace: WorkspaceId, name: str, content: Any, now: datetime
) -> Resource:
    kind = ResourceKind.RULE
    section = stored(kind, name, content, known, vault)
    return Resource(
        id=new_id(kind.prefix, now), kind=kind, workspace=workspace, name=name, section=section, created=now
    )
