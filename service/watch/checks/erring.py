"""A rule failed on filings, and has worked on none since: what it would have found in them is not told."""

from datetime import timedelta

from service.model.notice import NoticeKind
from service.store import failures, resources
from service.store.failures import FailingRule
from service.text import one_line
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import option_of
from service.words import counted


async def _find(look: Look) -> list[Condition]:
    found = await failures.failing(look.database, 1)
    names = await resources.names(look.database, [one.rule for one in found]) if found else {}
    return [await _condition(look, one, names[one.rule]) for one in found]


async def _condition(look: Look, one: FailingRule, name: str) -> Condition:
    option = await option_of(look, one.workspace)
    return Condition(
        kind=NoticeKind.FAILED,
        subject=one.rule,
        workspace=one.workspace,
        since=one.since,
        headline=f"The rule {name} failed on {counted(one.count, 'filing')}, the last {one.accession}",
        lines=(
            f"The fault: {one_line(one.detail)}",
            "Other rules go on. What this one would have found in these filings is not told later.",
            f"To see the filing with this rule: filingbell why {one.accession} --rule {name}{option}",
            "After 20 filings in a row the rule is disabled.",
        ),
        severity=Severity.WARNING,
    )


async def _ended(look: Look, rule: str, span: str) -> Ended:
    known = (await resources.names(look.database, [rule])).get(rule, rule)
    if rule in {one.rule for one in await failures.disabled(look.database)}:
        return Ended(f"the rule {known} is disabled, and fails no more (failed {span})")
    return Ended(f"the rule {known} works, or was changed (failed {span})")


CHECK = Check(
    kind=NoticeKind.FAILED,
    when="a rule failed on a filing, and has worked on none since ([rules.md](rules.md))",
    says="on how many, the last of them, the fault",
    act="`filingbell why ACCESSION --rule RULE`; correct the rule",
    find=_find,
    ended=_ended,
    settles=timedelta(minutes=10),
)
