"""When rules with a maximum an hour last told something by itself."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select, update

from service.model.identity import RuleId
from service.store.database import Transaction
from service.store.schema import rule_rates

_RECENT = bindparam("b_recent", type_=rule_rates.c.recent.type)
_PUT = update(rule_rates).where(rule_rates.c.rule == bindparam("b_rule")).values(recent=_RECENT)


async def locked(tx: Transaction, rules: Collection[RuleId]) -> dict[RuleId, list[int]]:
    """When the last alerts of *rules* went, in microseconds; nobody else changes it before *tx* ends."""
    await tx.add(rule_rates, [{"rule": rule, "recent": []} for rule in sorted(rules)])
    query = select(rule_rates).where(rule_rates.c.rule.in_(rules)).order_by(rule_rates.c.rule).with_for_update()
    return {RuleId(row.rule): row.recent for row in await tx.execute(query)}


async def put(tx: Transaction, recent: Mapping[RuleId, list[int]]) -> None:
    """Keep when the last alerts of these rules, which were locked, went."""
    if recent:
        await tx.execute(_PUT, [{"b_rule": rule, "b_recent": times} for rule, times in sorted(recent.items())])
