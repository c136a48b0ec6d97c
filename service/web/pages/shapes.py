"""Numbers and times as a page shows them: filters of the templates."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as Exactly

from jinja2 import pass_context
from jinja2.runtime import Context

from consumers import words as in_words
from service import words
from service.model.fact import Measure

_EXACT = Exactly(prec=99)  # filers write 30 digits, too
_STEPS = (
    (timedelta(days=730), timedelta(days=365), "year"),
    (timedelta(days=61), timedelta(days=30), "month"),
    (timedelta(days=2), timedelta(days=1), "day"),
    (timedelta(hours=2), timedelta(hours=1), "h"),
    (timedelta(minutes=1), timedelta(minutes=1), "min"),
    (timedelta(), timedelta(seconds=1), "s"),
)
_SHORT = frozenset({"h", "min", "s"})


def eastern(at: datetime, *, seconds: bool = False) -> str:
    """``2026-11-25 18:03 EST``."""
    return words.eastern(at, seconds=seconds)


@pass_context
def ago(context: Context, at: datetime) -> str:
    """How long ago it was when the page was made: ``3 min ago``, ``in 2 days``."""
    span = context["now"] - at
    length = span_of(abs(span))
    return f"in {length}" if span < timedelta() else f"{length} ago"


def span_of(span: timedelta) -> str:
    """``12 s``, ``3 min``, ``5 h``, ``2 days``."""
    _, unit, name = next(step for step in _STEPS if span >= step[0])
    number = span // unit
    return f"{number:,} {name}" if name in _SHORT else words.counted(number, name)


def amount(number: Decimal | int | None) -> str:
    """As filed, with the thousands apart: ``1,234.50``; None: a dash."""
    return "–" if number is None else f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"


def dollars(number: Decimal) -> str:
    """A sum of US dollars, to the dollar."""
    return f"${number.quantize(Decimal(1), ROUND_HALF_UP, _EXACT):,f}"


def money(number: Decimal | None) -> str:
    """US dollars as filed: ``$1,234.50``; None: a dash."""
    if number is None:
        return "–"
    return f"−${-number:,f}" if number < 0 else f"${number:,f}"


def price(number: Decimal | None) -> str:
    """US dollars for a share, to four decimals at most: ``$10.25``; None: a dash."""
    return "–" if number is None else in_words.rounded(Measure.PRICE, number)


def figure(number: float) -> str:
    """A setting, such as a rate: ``5``, ``0.5``."""
    return f"{number:g}"
