"""Rules that failed on a filing, by a fault of theirs or of ours: which, on what, and how often in a row."""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, func, select, update

from service.model.filing import Accession
from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.resource import SERVICE, Action, ResourceKind
from service.store.database import Database, Transaction
from service.store.schema import changes, resources, rule_failures

FAILED = "rules.failed"  # the bell that rings when a rule has failed

_STANDING = select(rule_failures.c.rule).where(rule_failures.c.standing).distinct()


class Failure(Struct, frozen=True, kw_only=True):
    """One rule on one filing."""

    rule: RuleId
    revision: Revision  # of the rule
    accession: Accession
    detail: str  # the exception, in a line


class FailingRule(Struct, frozen=True, kw_only=True):
    """A rule that has failed on every filing for a while, as it stands now."""

    rule: RuleId
    workspace: WorkspaceId
    revision: Revision
    count: int  # filings, one after the other
    since: datetime  # the first of them
    detail: str  # of the last one
    accession: Accession  # the last one


class DisabledRule(Struct, frozen=True, kw_only=True):
    """A rule that the service has disabled, and nobody has enabled since."""

    rule: RuleId
    workspace: WorkspaceId
    name: str
    since: datetime
    reason: str


async def add(tx: Transaction, failed: Sequence[Failure], at: datetime) -> None:
    """Keep what has *failed*; a filing that is read again counts once."""
    rows = [
        {
            "rule": one.rule,
            "accession": one.accession,
            "revision": one.revision,
            "detail": one.detail,
            "at": at,
            "standing": True,
        }
        for one in failed
    ]
    await tx.add(rule_failures, rows)
    tx.ring(FAILED)


async def standing(tx: Transaction) -> set[RuleId]:
    """The rules that have failed, and have not worked since."""
    return set((await tx.execute(_STANDING)).scalars())


async def over(tx: Transaction, rules: Collection[RuleId]) -> None:
    """The *rules* have worked: what fails next is the first in a row."""
    mine = rule_failures.c.rule.in_(rules), rule_failures.c.standing
    await tx.execute(update(rule_failures).where(*mine).values(standing=False))


async def failing(database: Database, least: int) -> list[FailingRule]:
    """The enabled rules that failed on *least* filings or more in a row, all since they were changed last."""
    as_it_stands = (resources.c.id == rule_failures.c.rule) & (resources.c.revision == rule_failures.c.revision)
    first = func.min(rule_failures.c.at).label("first")
    counts = (
        select(resources.c.id, resources.c.workspace, resources.c.revision, func.count().label("failures"), first)
        .join(rule_failures, as_it_stands)
        .where(rule_failures.c.standing, resources.c.enabled, resources.c.removed.is_(None))
        .group_by(resources.c.id, resources.c.workspace, resources.c.revision)
        .having(func.count() >= least)
    )
    found = []
    async with database.reading() as connection:
        for row in (await connection.execute(counts)).all():
            mine = rule_failures.c.rule == row.id, rule_failures.c.standing
            latest = select(rule_failures).where(*mine).order_by(rule_failures.c.at.desc()).limit(1)
            last = (await connection.execute(latest)).one()
            found.append(
                FailingRule(
                    rule=RuleId(row.id),
                    workspace=WorkspaceId(row.workspace),
                    revision=Revision(row.revision),
                    count=row.failures,
                    since=row.first,
                    detail=last.detail,
                    accession=Accession(last.accession),
                )
            )
    return found


async def of(database: Database, accession: Accession) -> dict[RuleId, str]:
    """The rules that failed on *accession*, and how."""
    query = select(rule_failures.c.rule, rule_failures.c.detail).where(rule_failures.c.accession == accession)
    async with database.reading() as connection:
        return {RuleId(row.rule): row.detail for row in await connection.execute(query)}


async def disabled(database: Database) -> list[DisabledRule]:
    """The rules that the service itself has disabled, for the reason that their change gives."""
    query = (
        select(resources.c.id, resources.c.workspace, resources.c.name, changes.c.at, changes.c.reason)
        .join(changes, changes.c.revision == resources.c.revision)
        .where(
            resources.c.kind == ResourceKind.RULE,
            resources.c.enabled.is_(False),
            resources.c.removed.is_(None),
            changes.c.actor == SERVICE,
            changes.c.action == Action.DISABLED,
        )
        .order_by(resources.c.name)
    )
    async with database.reading() as connection:
        return [
            DisabledRule(
                rule=RuleId(row.id),
                workspace=WorkspaceId(row.workspace),
                name=row.name,
                since=row.at,
                reason=row.reason or "",
            )
            for row in await connection.execute(query)
        ]


async def forget(tx: Transaction, before: datetime, limit: int) -> int:
    """Delete up to *limit* failures of *before*; returns how many."""
    query = select(rule_failures.c.rule, rule_failures.c.accession).where(rule_failures.c.at < before).limit(limit)
    found = (await tx.execute(query)).all()
    for row in found:
        which = rule_failures.c.rule == row.rule, rule_failures.c.accession == row.accession
        await tx.execute(delete(rule_failures).where(*which))
    return len(found)
