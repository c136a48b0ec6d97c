"""A rule's own maximum an hour: further alerts of it are told together, on each of its channels."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from service.model import rate
from service.model.delivery import Beyond, Decision, Obligation
from service.model.identity import RuleId
from service.store import Transaction, rates

Decided = Mapping[str, Sequence[Decision]]
"""What becomes of messages, by their ids, for each channel."""


async def within_rules(
    tx: Transaction, decided: Decided, rules: Mapping[str, RuleId], most: Mapping[RuleId, int], now: datetime
) -> Decided:
    """What becomes of the alerts *decided* on, some of them by *rules*, of which each has its *most* an hour.

    It takes three statements a batch in which such a rule has rung, however often.
    """
    recent = await rates.locked(tx, set(rules.values()))
    bounded: dict[str, Sequence[Decision]] = dict(decided)
    for message, rule in rules.items():
        if not any(map(_goes, decided[message])):
            continue  # nobody is told of it by itself
        taken = rate.instants(recent[rule])
        if rate.room(taken, most[rule], now):
            recent[rule] = rate.followed(recent[rule], now, most[rule])
        else:
            until = rate.again(taken, most[rule], now)
            bounded[message] = [_later(one, until) if _goes(one) else one for one in decided[message]]
    await rates.put(tx, recent)
    return bounded


def _goes(decision: Decision) -> bool:
    """Whether it is told by itself."""
    return isinstance(decision, Obligation) and decision.digest is None and decision.joins is None


def _later(decision: Decision, until: datetime) -> Decision:
    assert isinstance(decision, Obligation)
    return replace(decision, held=None, joins=max(until, decision.due), beyond=Beyond.RULE)
