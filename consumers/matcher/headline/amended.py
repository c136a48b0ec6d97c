"""What an amendment does, in a headline: ``corrected the filing of 2025-03-05: bought 10 (filed before: 1)``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from consumers.amendments.telling import in_part
from consumers.words import money, plain
from service.model.amendment import Amends, Became, Effect
from service.model.fact import Fact

_DOES: Mapping[Effect, str] = {
    Effect.ADDS: "added to",
    Effect.CORRECTS: "corrected",
    Effect.RESTATES: "restated",
    Effect.WITHDRAWS: "withdrew",
    Effect.UNCLEAR: "amended",
}
_OWNED = "shares_owned_following_transaction"
_MOVING = {"transaction_shares", "transaction_acquired_disposed_code"}  # what is owned afterwards moves with them
_TOLD = 3  # boxes of a row that are told


def lead(amends: Amends, rows: Sequence[Fact]) -> str:
    """``corrected the filing of 2025-03-05: ``; *rows*: those that it is told of."""
    what = f"the filing of {amends.filed}" if amends.filed else "an earlier filing"
    if rows and in_part(amends):
        return f"took rows out of {what}; still in it: "
    again = " without a change" if amends.effect is Effect.RESTATES and not amends.rows else ""
    return f"{_DOES[amends.effect]} {what}{again}{': ' if rows else ' in '}"


def filed_before(amends: Amends, rows: Iterable[Fact]) -> str | None:
    """What the boxes of *rows* said before: ``filed before: 1,000 and at $9``; None: no other row was corrected."""
    if amends.effect is not Effect.CORRECTS:
        return None
    changes = {(one.table, one.row): one.boxes for one in amends.rows if one.change is Became.CHANGED}
    every = list(rows)
    changed = [changes[fact.table, fact.row] for fact in every if (fact.table, fact.row) in changes]
    if not changed:
        return None
    if len(changed) > 1:
        return f"{len(changed)} rows were filed otherwise before"
    told = list(_told({str(box.box): box.old for box in changed[0]}))[:_TOLD]
    which = "" if len(every) == 1 else " in one row"
    return f"filed before{which}: {' and '.join(told)}" if told else None


def _told(olds: Mapping[str, str | None]) -> Iterator[str]:
    for box, say in _SAID.items():
        old = olds.get(box)
        if old is not None and (box != _OWNED or not olds.keys() & _MOVING):
            yield say(old)


_SAID: Mapping[str, Callable[[str], str]] = {
    "transaction_shares": lambda old: plain(Decimal(old)),
    "transaction_price_per_share": lambda old: f"at {money(Decimal(old))}",
    "conversion_or_exercise_price": lambda old: f"strike {money(Decimal(old))}",
    "transaction_code": lambda old: f"code {old}",
    "transaction_acquired_disposed_code": lambda old: "acquired" if old == "A" else "disposed",
    "transaction_date": lambda old: f"on {old}",
    "security_title": str,
    "expiration_date": lambda old: f"expiring {old}",
    "shares_owned_following_transaction": lambda old: f"{plain(Decimal(old))} owned after",
    "direct_or_indirect_ownership": lambda old: "direct" if old == "D" else "indirect",
}
"""Boxes that are told, those that matter most first."""
