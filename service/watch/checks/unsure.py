"""Of more filings than before it cannot be told whether they meet a rule."""

from service.model.notice import NoticeKind
from service.store import resources
from service.store.habits import RuleWithHabit
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import option_of


async def _find(look: Look) -> list[Condition]:
    return [await _condition(look, one) for one in await look.odd_rules() if one.habit.unsure is not None]


async def _condition(look: Look, one: RuleWithHabit) -> Condition:
    habit = one.habit
    return Condition(
        kind=NoticeKind.UNSURE,
        subject=habit.rule,
        workspace=one.workspace,
        since=habit.unsure,
        headline=f"The rule {one.name} cannot be decided for {habit.lately}% of its filings, up from {habit.before}%",
        lines=(
            f"Unknown most often in the last 30 days: {habit.claim or 'several claims together'}",
            f"Since when, and of how many: filingbell backtest {one.name}{await option_of(look, one.workspace)}",
        ),
        severity=Severity.WARNING,
    )


async def _ended(look: Look, rule: str, span: str) -> Ended:
    name = (await resources.names(look.database, [rule])).get(rule, rule)
    return Ended(f"the rule {name} is decided as often as before, or was changed (was not {span})")


CHECK = Check(
    kind=NoticeKind.UNSURE,
    when=(
        "of twice as many filings as before, in the last 30 days, it cannot be told whether they meet a "
        "rule; its own channels are told too"
    ),
    says="of how many, and which claim",
    act="`filingbell backtest RULE --since 90d`",
    find=_find,
    ended=_ended,
)
