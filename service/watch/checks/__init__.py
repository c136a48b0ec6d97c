"""Everything that can be wrong, a module a kind. A new one is its module, its `NoticeKind` and its line here."""

from collections.abc import Mapping

from service.model.notice import NoticeKind
from service.watch.check import Check
from service.watch.checks import (
    absent,
    blocked,
    dead,
    disabled,
    erring,
    failed,
    failing,
    gap,
    lag,
    missing,
    moved,
    old,
    quiet,
    silence,
    unproven,
    unreachable,
    unsure,
    unusable,
    unwritable,
)
from service.watch.condition import Condition
from service.watch.look import Look

CHECKS: Mapping[NoticeKind, Check] = {
    module.CHECK.kind: module.CHECK
    for module in (
        unwritable,
        absent,
        unreachable,
        blocked,
        silence,
        gap,
        unproven,
        lag,
        failing,
        old,
        missing,
        disabled,
        dead,
        erring,
        failed,
        unusable,
        moved,
        quiet,
        unsure,
    )
}


async def conditions(look: Look) -> tuple[Condition, ...]:
    """All that is wrong now: what `status`, `/health/ready`, the metrics and the notices show.

    Raises Unavailable where the database is.
    """
    if look.conditions is None:
        look.conditions = tuple([one for check in CHECKS.values() for one in await check.find(look)])
    return look.conditions
