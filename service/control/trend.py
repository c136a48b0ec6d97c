"""What an insider held over the years, and what was bought and sold: in shares of one security of one company."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from consumers.matcher.dealings import DIRECTLY, Deal, Holding, deals, holdings
from consumers.titles import folded
from service.model.fact import Kind
from service.model.filing import Cik
from service.model.recalled import Recalled

Counts = tuple[tuple[date, Decimal], ...]


class Trend(Struct, frozen=True, kw_only=True):
    """By day, the earliest first."""

    title: str
    held: Counts  # directly, after each day's last row; empty for a company
    bought: Counts  # in the open market
    sold: Counts

    @property
    def days(self) -> list[date]:
        """Every day of which something is known."""
        return [day for counts in (self.held, self.bought, self.sold) for day, _ in counts]


def trend(filings: Sequence[Recalled], *, of_owner: bool) -> Trend:
    """What *filings* say, which are an owner's or on a company, the latest first.

    Of several companies and securities that of which they say the most.
    """
    traded, held = deals(filings), [one for one in holdings(filings) if one.how == DIRECTLY]
    said = Counter(_what(deal) for deal in traded)
    for line in held:
        said[_what(line)] += len(line.points)
    if not said:
        return Trend(title="", held=(), bought=(), sold=())
    (what, _), *_ = said.most_common(1)
    mine = [deal for deal in reversed(traded) if _what(deal) == what]
    lines = [line for line in held if _what(line) == what]
    security = mine[-1].security if mine else lines[0].security
    return Trend(
        title=f"{_company(filings, what[0])}: {security}{', held directly' if of_owner else ''}",
        held=tuple((point.day, point.shares) for line in lines for point in line.points) if of_owner else (),
        bought=_counts(mine, Kind.PURCHASE),
        sold=_counts(mine, Kind.SALE),
    )


def _what(one: Deal | Holding) -> tuple[Cik, str]:
    return one.issuer, folded(one.security)


def _company(filings: Iterable[Recalled], issuer: Cik) -> str:
    named = (one.past.company for one in filings if one.past.issuer == issuer and one.past.company)
    return next(named, str(issuer))


def _counts(traded: Iterable[Deal], kind: Kind) -> Counts:
    return tuple((deal.day, deal.shares) for deal in traded if deal.kind is kind and deal.shares)
