"""A rule has been silent for much longer than is usual for it."""

from datetime import timedelta

from service.model.notice import NoticeKind
from service.store import resources
from service.store.habits import RuleWithHabit
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import option_of
from service.words import counted, eastern


async def _find(look: Look) -> list[Condition]:
    return [await _condition(look, one) for one in await look.odd_rules() if _is_silent(one)]


def _is_silent(one: RuleWithHabit) -> bool:
    """Whether it is still so: a rule that has rung since is not looked at before the next day."""
    silent = one.habit.silent
    return silent is not None and (one.last is None or one.last <= silent)


async def _condition(look: Look, one: RuleWithHabit) -> Condition:
    option = await option_of(look, one.workspace)
    usual = one.habit.usual or timedelta()
    return Condition(
        kind=NoticeKind.QUIET,
        subject=one.habit.rule,
        workspace=one.workspace,
        since=one.habit.silent,
        headline=f"The rule {one.name} has not rung since {eastern(one.habit.silent or look.now)}",
        lines=(
            f"By its past it would ring every {_often(usual)}.",
            f"Whether it still would, and what is unknown: filingbell backtest {one.name}{option} --since 90d",
            f"Why a filing did not ring: filingbell why ACCESSION --rule {one.name}{option}",
        ),
        severity=Severity.WARNING,
    )


def _often(usual: timedelta) -> str:
    hours = round(usual.total_seconds() / 3600)
    return counted(max(hours, 1), "hour") if hours < 48 else counted(round(hours / 24), "day")


async def _ended(look: Look, rule: str, span: str) -> Ended:
    name = (await resources.names(look.database, [rule])).get(rule, rule)
    return Ended(f"the rule {name} rang again, or was changed (was silent {span})")


CHECK = Check(
    kind=NoticeKind.QUIET,
    when=(
        "a rule has not rung for five times as long as is usual in its past, and for five days at least; its "
        "own channels are told too"
    ),
    says="since when, how often it usually rings",
    act="`filingbell backtest RULE --since 90d`",
    find=_find,
    ended=_ended,
)
