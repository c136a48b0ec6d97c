"""What an alert says of its rows and its filing beyond their boxes: facts that follow from several of them."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal

from consumers.words import plain, vesting
from service.model.fact import FilingFacts
from service.model.known import Direction, Plan, RowFacts
from service.words import counted

_HUNDREDTHS = Decimal("0.01")
_ALL = Decimal(100)  # percent
_EXACT = Context(prec=99)
_GONE = frozenset({Direction.SELL, Direction.DISPOSE})


def lines_of(facts: RowFacts) -> Iterator[tuple[str, str]]:
    """Labels with what is known of a row: what a reader would look for next."""
    if facts.holding_change is not None:
        sign = "-" if facts.direction in _GONE else "+"
        yield "Holding", f"{sign}{_percent(facts.holding_change)}, of what was held before"
    if facts.discount is not None:
        below = "below" if facts.discount >= 0 else "above"
        yield "Strike", f"{_percent(abs(facts.discount))} {below} the price of that day"
    if facts.vesting is not None:
        yield "Vests", vesting(facts.vesting)
    if facts.days_late:
        yield "Late", counted(int(facts.days_late), "business day")
    if facts.plan is Plan.CONTRADICTORY:
        yield "10b5-1 plan", "the box and the footnotes contradict each other"
    elif facts.plan is Plan.PLAN:
        yield "10b5-1 plan", f"yes, adopted on {facts.plan_adopted}" if facts.plan_adopted else "yes"


def notes_of(facts: FilingFacts) -> Iterator[str]:
    """Sentences with what is known of a filing as a whole."""
    if facts.net_shares is not None and facts.sold_share is not None:
        if facts.sold_share > _ALL:
            yield f"More shares were sold than were exercised: {_percent(facts.sold_share)} of them."
        else:
            kept = plain(max(facts.net_shares, Decimal(0)))
            yield f"Of the shares that were exercised {_percent(facts.sold_share)} were sold, and {kept} were kept."
    if facts.continuation:
        yield "More rows of this stand in another filing."
    if facts.relationship_new:
        yield "The filing speaks of a new appointment, election or hire."
    if facts.relationship_ended:
        yield "An owner is no longer subject to section 16 (the exit box)."


def _percent(number: Decimal) -> str:
    return f"{plain(number.quantize(_HUNDREDTHS, ROUND_HALF_UP, _EXACT))}%"
