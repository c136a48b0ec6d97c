"""A rule failed on every filing, and was disabled for that."""

from service.model.notice import NoticeKind
from service.store import failures, resources
from service.store.failures import DisabledRule
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import option_of


async def _find(look: Look) -> list[Condition]:
    return [await _condition(look, one) for one in await failures.disabled(look.database)]


async def _condition(look: Look, one: DisabledRule) -> Condition:
    enable = f"filingbell rules enable {one.name}{await option_of(look, one.workspace)}"
    return Condition(
        kind=NoticeKind.RULE,
        subject=one.rule,
        workspace=one.workspace,
        since=one.since,
        headline=f"The rule {one.name} was disabled: it fails on every filing",
        lines=(
            f"{one.reason[:1].upper()}{one.reason[1:]}",
            "The other rules go on. What it would have found in the meantime is not told later.",
            f"To try it again: {enable}. If the rule is right, please report this.",
        ),
        severity=Severity.CRITICAL,
        repeated=True,
    )


async def _ended(look: Look, rule: str, span: str) -> Ended:
    name = (await resources.names(look.database, [rule])).get(rule, rule)
    return Ended(f"the rule {name} was enabled, changed or removed (was disabled {span})")


CHECK = Check(
    kind=NoticeKind.RULE,
    when="a rule failed on 20 filings in a row and was disabled ([rules.md](rules.md))",
    says="the fault of the last one",
    act="correct the rule, then `filingbell rules enable RULE`",
    find=_find,
    ended=_ended,
)
