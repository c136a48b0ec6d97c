"""What insiders did, as a picture: what `static/plot.js` draws, and a legend that says the same without colours."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from consumers.matcher.dealings import Deal, Holding
from service.model.fact import Kind
from service.model.filing import Cik
from service.text import one_line
from service.web.pages.shapes import amount, dollars

_LINES = 4  # of holdings that are drawn
_DONE = {Kind.PURCHASE: "bought", Kind.SALE: "sold"}
_MARKS = {Kind.PURCHASE: "up", Kind.SALE: "down"}


class Legend(Struct, frozen=True, kw_only=True):
    """A line or a kind of mark."""

    style: str  # up, down, line-0, ...
    name: str


class Figure(Struct, frozen=True, kw_only=True):
    """A plot."""

    caption: str
    hint: str  # what stands below it, until somebody points at something
    legend: Sequence[Legend]
    plot: str  # JSON


class _Series(Struct, frozen=True, kw_only=True):
    name: str
    mark: str  # line, up, down
    y: Sequence[float | None]  # of each day
    size: Sequence[float] | None = None  # from 0 to 1, likewise


class _Point(Struct, frozen=True, kw_only=True):
    told: str
    to: str  # where a press on it leads


class _Plot(Struct, frozen=True, kw_only=True):
    unit: str  # before each number of the scale
    days: Sequence[int]  # seconds since 1970, of each point
    series: Sequence[_Series]
    points: Sequence[_Point]


def prices(deals: Iterable[Deal], names: Mapping[Cik, str]) -> Figure | None:
    """At what price was bought and sold, by day; None: no deal states a price."""
    priced = sorted((one for one in deals if one.price is not None), key=lambda one: one.day)
    if not priced:
        return None
    kinds = [kind for kind in _DONE if any(one.kind is kind for one in priced)]
    sizes = _sizes(priced)
    series = [
        _Series(
            name=_DONE[kind].capitalize(),
            mark=_MARKS[kind],
            y=[float(one.price) if one.kind is kind and one.price is not None else None for one in priced],
            size=sizes,
        )
        for kind in kinds
    ]
    return Figure(
        caption="Price of what was bought and sold on the market",
        hint="A larger mark is more money. Point at one to read it, press to open its filing.",
        legend=[Legend(style=_MARKS[kind], name=_DONE[kind].capitalize()) for kind in kinds],
        plot=_json("$", [one.day for one in priced], series, [_point(one, names) for one in priced]),
    )


def held(holdings: Sequence[Holding], deals: Iterable[Deal], names: Mapping[Cik, str]) -> Figure | None:
    """What was held after each day, and what was bought and sold then; None: that is stated of no two days."""
    lines = sorted((one for one in holdings if len(one.points) > 1), key=lambda one: len(one.points), reverse=True)
    lines = lines[:_LINES]
    if not lines:
        return None
    on = {deal.accessions[0]: deal for deal in deals}
    events: list[tuple[date, int, Decimal, _Point, Deal | None]] = []
    for place, line in enumerate(lines):
        for point in line.points:
            deal = on.get(point.accession)
            mine = deal if deal is not None and deal.day == point.day else None
            told = f"{point.day}: {amount(point.shares)} {one_line(line.security)} held {one_line(line.how)}"
            said = _Point(told=told, to=f"/filings/{point.accession}") if mine is None else _point(mine, names, told)
            events.append((point.day, place, point.shares, said, mine))
    events.sort(key=lambda event: (event[0], event[1]))
    series = [
        _Series(name=line.security, mark="line", y=[float(e[2]) if e[1] == place else None for e in events])
        for place, line in enumerate(lines)
    ]
    legend = [
        Legend(style=f"line-{place}", name=one_line(f"{line.security}, {line.how}")) for place, line in enumerate(lines)
    ]
    sizes = _sizes([event[4] for event in events])
    for kind, done in _DONE.items():
        marked = [float(e[2]) if e[4] is not None and e[4].kind is kind else None for e in events]
        if any(one is not None for one in marked):
            series.append(_Series(name=done.capitalize(), mark=_MARKS[kind], y=marked, size=sizes))
            legend.append(Legend(style=_MARKS[kind], name=done.capitalize()))
    return Figure(
        caption="Shares held after each filing",
        hint="Point at a day to read it, press to open its filing.",
        legend=legend,
        plot=_json("", [event[0] for event in events], series, [event[3] for event in events]),
    )


def _point(deal: Deal, names: Mapping[Cik, str], behind: str = "") -> _Point:
    first, *rest = deal.people
    who = one_line(names.get(first, f"CIK {int(first)}")) + (f" and {len(rest)} more" if rest else "")
    shares = f" {amount(deal.shares)}" if deal.shares is not None else ""
    price = f" at ${deal.price:,.2f}" if deal.price is not None else ""
    worth = f", {dollars(deal.value)}" if deal.value is not None else ""
    told = f"{deal.day}: {who} {_DONE[deal.kind]}{shares}{price}{worth}"
    return _Point(told=f"{told}. {behind}" if behind else told, to=f"/filings/{deal.accessions[0]}")


def _sizes(deals: Iterable[Deal | None]) -> list[float]:
    """How large each mark is: its area grows with the money."""
    values = [float(deal.value) if deal is not None and deal.value else 0.0 for deal in deals]
    most = max(values, default=0.0)
    return [round((value / most) ** 0.5, 3) if most else 0.0 for value in values]


def _json(unit: str, days: Iterable[date], series: Sequence[_Series], points: Sequence[_Point]) -> str:
    at = [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in days]
    plot: Any = _Plot(unit=unit, days=at, series=series, points=points)
    return msgspec.json.encode(plot).decode()
