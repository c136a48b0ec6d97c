"""Numbers and rows in words, for explanations and headlines."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from service.model.fact import USD, Fact, Measure
from service.model.known import Tranche
from service.model.ownership import Box, ReportingOwner

NO_ROLE = "no role ticked"

_LISTED = 4  # days that are written out one by one
_CENTS, _FOUR = Decimal("0.01"), Decimal("0.0001")
_NEAREST = {Measure.VALUE: _CENTS, Measure.EXERCISE_VALUE: _CENTS, Measure.PRICE: _FOUR, Measure.STRIKE: _FOUR}
_EXACT = Context(prec=99)  # filers write 30 digits too


def amount(measure: Measure, number: Decimal) -> str:
    """*number* as a person writes it: ``$582,000``, ``200,000``, ``2 days``."""
    if measure is Measure.FILING_LAG:
        return f"{plain(number)} day{'' if number == 1 else 's'}"
    return money(number) if measure in USD else plain(number)


def rounded(measure: Measure, number: Decimal) -> str:
    """*number* as it stands in headlines and rows: totals to the cent, prices to four decimals.

    Explanations say `amount`, the exact one: a threshold can lie within a cent.
    """
    nearest = _NEAREST.get(measure)
    if nearest is None:
        return amount(measure, number)
    near = number.quantize(nearest, ROUND_HALF_UP, _EXACT)
    return money(near or number)


def money(number: Decimal) -> str:
    """*number* of US dollars: whole, or with its cents and what is filed beyond them."""
    text = plain(number)
    _, _, cents = text.partition(".")
    return f"${text}0" if len(cents) == 1 else f"${text}"


def plain(number: Decimal) -> str:
    """*number* with thousands and without the noughts that say nothing: ``10.0000`` is ``10``."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def kind(fact: Fact) -> str:
    """What the row reports: ``option grant``, ``purchase and equity swap``."""
    return " and ".join(kind.replace("-", " ") for kind in fact.kinds or (fact.kind,))


def vesting(tranches: Iterable[Tranche]) -> str:
    """``25% on 2026-03-03; 75% in 36 equal parts from 2026-04-03 to 2029-03-03``."""
    return "; ".join(map(_tranche, tranches))


def _tranche(tranche: Tranche) -> str:
    percent, days = f"{plain(tranche.percent)}%", tranche.on
    if len(days) <= _LISTED:
        return f"{percent}{' in equal parts' if len(days) > 1 else ''} on {', '.join(map(str, days))}"
    return f"{percent} in {len(days)} equal parts from {days[0]} to {days[-1]}"


def cites(fact: Fact, box: Box) -> str:
    """`` (footnote F1)`` where the box cites footnotes, else nothing."""
    numbers = fact.transaction.footnotes.get(box, ())
    return f" (footnote{'s' if len(numbers) > 1 else ''} {', '.join(numbers)})" if numbers else ""


def owner_text(owner: ReportingOwner) -> str:
    """An owner and all that is ticked in box 5."""
    relationship = owner.relationship
    ticks = (
        ("director", relationship.is_director),
        (f"officer: {relationship.officer_title or 'no title given'}", relationship.is_officer),
        ("10% owner", relationship.is_ten_percent_owner),
        (f"other: {relationship.other_text or 'not explained'}", relationship.is_other),
    )
    roles = "; ".join(text for text, ticked in ticks if ticked) or NO_ROLE
    return f"{owner.rpt_owner_name or owner.rpt_owner_cik} ({roles})"
