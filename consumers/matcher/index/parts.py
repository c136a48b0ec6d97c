"""A rule taken apart: where it looks, what it asks for there, and the one number by which it differs from its like."""

from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from consumers.language.limit import FLOORS
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.said import of_owners
from service.model.identity import RuleId
from service.model.rule import All, Claim, Condition, Rule, Threshold, Tree, Watchlist

_FIRST = date.min  # what stands in place of a limit that is a date


class Form(Struct, frozen=True, kw_only=True):
    """What a rule asks for, but for its watchlists and its limit."""

    rule: Rule  # nobody's; in place of its watchlists stand none, and in place of its limit the least
    scope: int | None = None  # which of its parts names the watchlists; None: it looks everywhere
    limit: int | None = None  # which of its parts, or of its totals, has the limit; None: there is no limit
    summed: bool = False  # whether that is one of the totals

    @property
    def column(self) -> Threshold | None:
        """What has the limit."""
        if self.limit is None:
            return None
        claims = self.rule.condition.totals if self.summed else _parts(self.rule.condition)
        return _threshold(claims[self.limit])

    @property
    def claims(self) -> tuple[Condition, ...]:
        """What must all be true, its kinds first; without watchlists, the limit, and sums: they come on top."""
        asked = self.rule.condition
        mine = {self.scope} if self.summed else {self.scope, self.limit}
        rest = [part for place, part in enumerate(_parts(asked)) if place not in mine]
        rest.sort(key=lambda part: not (isinstance(part, Claim) and part.key == "kinds"))
        return tuple(Condition(rows=All((part,)), one_owner=asked.one_owner) for part in rest)

    def turned(self, limit: Decimal | date | None) -> Decimal | None:
        """*limit* as a number in its order: the more, the harder to meet."""
        column = self.column
        if limit is None or column is None:
            return None
        number = limit if isinstance(limit, Decimal) else Decimal(limit.toordinal())
        return number if column.comparison in FLOORS else -number


class Parts(Struct, frozen=True):
    """A rule taken apart."""

    form: Form
    scope: tuple[Watchlist, ...] = ()  # it is met on any of them; empty: everywhere
    limit: Decimal | date | None = None

    def joined(self) -> Rule:
        """The rule put together again, but for whose it is."""
        form, asked = self.form, self.form.rule.condition
        parts, totals = list(_parts(asked)), list(asked.totals)
        if form.scope is not None:
            parts[form.scope] = Claim("watchlist", self.scope)
        if form.limit is not None and self.limit is not None:
            claims: list[Claim] | list[Tree] = totals if form.summed else parts
            claims[form.limit] = _limited(claims[form.limit], self.limit)
        return replace(form.rule, condition=replace(asked, rows=All(tuple(parts)), totals=tuple(totals)))


def parts_of(rule: Rule) -> Parts:
    """*rule* taken apart, but for its channels."""
    asked = rule.condition
    parts, totals = list(_parts(asked)), list(asked.totals)
    scope, watchlists = next(((at, lists) for at, part in enumerate(parts) if (lists := _watched(part))), (None, ()))
    if scope is not None:
        parts[scope] = Claim("watchlist", ())
    claims = totals or parts
    place, limit = next(
        (
            (at, limit)
            for at, one in enumerate(claims)
            if (limit := _limit(one, asked, summed=bool(totals))) is not None
        ),
        (None, None),
    )
    if place is not None and limit is not None:
        claims[place] = _limited(claims[place], _FIRST if isinstance(limit, date) else Decimal(0))
    condition = replace(asked, rows=All(tuple(parts)), totals=tuple(totals))
    nobodys = Rule(id=RuleId(""), name="", condition=condition, priority=rule.priority)
    return Parts(Form(rule=nobodys, scope=scope, limit=place, summed=bool(totals)), watchlists, limit)


def _parts(condition: Condition) -> tuple[Tree, ...]:
    tree = condition.rows
    return tree.of if isinstance(tree, All) else (tree,)


def _watched(part: Tree) -> tuple[Watchlist, ...]:
    """The watchlists that *part* names, on any one of which a filing must be."""
    if not isinstance(part, Claim) or part.key != "watchlist" or not isinstance(part.asked, tuple):
        return ()
    return tuple(one for one in part.asked if isinstance(one, Watchlist))


def _limit(part: Tree, condition: Condition, *, summed: bool) -> Decimal | date | None:
    """The limit by which *part* can be put in order among its like; None: it cannot."""
    threshold = _threshold(part)
    if threshold is None or (summed and condition.one_owner and threshold.comparison not in FLOORS):
        return None
    return None if condition.one_owner and of_owners(FACTS[threshold.fact]) else threshold.limit


def _threshold(part: Tree) -> Threshold | None:
    return part.asked if isinstance(part, Claim) and isinstance(part.asked, Threshold) else None


def _limited(part: Tree, limit: Decimal | date) -> Claim:
    threshold = _threshold(part)
    assert isinstance(part, Claim)
    assert threshold is not None
    return Claim(part.key, replace(threshold, limit=limit))
