"""What insiders bought and sold on the market, each trade once, and what they held after it. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from consumers.amendments.linking import amends
from consumers.amendments.version import Version
from consumers.matcher.rows import facts_of
from consumers.matcher.trade import Trades, rounded, trade_of
from consumers.titles import folded
from service.model.amendment import Became, Effect
from service.model.fact import Fact, Kind, Measure
from service.model.filing import Accession, Cik
from service.model.ownership import NonDerivativeHolding, NonDerivativeTransaction, OwnershipForm
from service.model.past import Past, filed_on
from service.model.recalled import Recalled

DIRECTLY = "directly"

_DEALT = frozenset({Kind.PURCHASE, Kind.SALE})
_WITHOUT = frozenset({Effect.RESTATES, Effect.WITHDRAWS})  # what an amendment leaves out then is no longer said
_BACK = timedelta(days=400)  # within which an amendment is looked at


class Deal(Struct, frozen=True, kw_only=True):
    """What one holder bought or sold of a security on a day, however many filings and rows tell of it."""

    kind: Kind  # purchase or sale
    day: date
    issuer: Cik
    security: str  # its title, as filed
    people: tuple[Cik, ...]  # who reports it, the first filing's first
    shares: Decimal | None  # None: a row does not state them; likewise below
    value: Decimal | None  # USD
    price: Decimal | None  # USD, the average
    accessions: tuple[Accession, ...]  # that tell of it, the first known first


class Point(Struct, frozen=True, kw_only=True):
    """What was held after a day."""

    day: date
    shares: Decimal
    accession: Accession


class Holding(Struct, frozen=True, kw_only=True):
    """One line of a holding through the years: a security of an issuer, held in one way."""

    issuer: Cik
    security: str
    how: str  # `DIRECTLY`, or what box 7 says: "By Trust"
    points: tuple[Point, ...]  # in the order of days, one a day


class _Place(NamedTuple):
    """A row, by where it stands."""

    accession: Accession
    table: str  # "I", "II"
    row: int  # from 1


class _Row(NamedTuple):
    """By what a row is known again in another filing on the same trade."""

    kind: Kind
    day: date
    title: str
    shares: Decimal | None
    price: Decimal | None


def deals(filings: Iterable[Recalled]) -> list[Deal]:
    """What was bought and sold, the latest day first: as amendments have it, and each trade once."""
    of = {one.past.accession: one for one in filings}
    gone = _gone([Version.of_past(one.past) for one in of.values()])
    found = list[Deal]()
    for group in _trades([Trades.of(one.past) for one in of.values()]):
        found += _deals([of[one.past.accession] for one in group], gone)
    return sorted(found, key=lambda deal: (deal.day, deal.accessions), reverse=True)


def holdings(filings: Iterable[Recalled]) -> list[Holding]:
    """What was held of the securities of Table I, the line with the latest filing first."""
    lines = defaultdict[tuple[Cik, str, str], dict[date, Point]](dict)
    titles = dict[tuple[Cik, str, str], str]()
    for one in sorted(filings, key=lambda one: (one.past.known, one.past.accession)):
        for row in one.parsed.document.non_derivative_table:
            held = row.shares_owned_following_transaction
            if held is None:
                continue
            key = one.past.issuer, folded(row.security_title), _how(row)
            day = _held_on(one.past, row)
            lines[key][day] = Point(day=day, shares=held, accession=one.past.accession)
            titles[key] = row.security_title or "no title"
    made = [
        Holding(issuer=key[0], security=titles[key], how=key[2], points=tuple(points[day] for day in sorted(points)))
        for key, points in lines.items()
    ]
    return sorted(made, key=lambda one: (one.points[-1].day, one.points[-1].shares), reverse=True)


def _trades(told: Sequence[Trades]) -> Iterator[list[Trades]]:
    """*told* by trade; who can tell of the same one has a day in common with it."""
    on = defaultdict[date, list[Trades]](list)
    for one in told:
        for day in one.days:
            on[day].append(one)
    seen = set[Accession]()
    for one in sorted(told, key=lambda one: one.place):
        if one.past.accession in seen:
            continue
        group, days = [one], frozenset[date]()
        while not days >= (wider := frozenset(day for member in group for day in member.days)):
            days = wider
            beside = {other.past.accession: other for day in days for other in on[day]}
            group = trade_of(one, [other for key, other in beside.items() if key not in seen])
        seen |= {member.past.accession for member in group}
        yield group


def _gone(versions: Sequence[Version]) -> set[_Place]:
    """The rows in whose place something else stands now, or that were taken back."""
    gone = set[_Place]()
    for new in versions:
        if not new.amendment:
            continue
        before = [old for old in versions if old.issuer == new.issuer and not old.ciks.isdisjoint(new.ciks)]
        told = amends(new, (old for old in before if new.known - old.known <= _BACK))
        if told.accession is not None:
            without = told.effect in _WITHOUT
            changed = (row for row in told.rows if row.change is Became.CHANGED or without)
            gone |= {_Place(told.accession, row.table, row.was) for row in changed if row.was is not None}
    return gone


def _deals(group: Sequence[Recalled], gone: Collection[_Place]) -> Iterator[Deal]:
    """What the filings of a trade, in the order in which they could be known, say together."""
    standing = Counter[_Row]()
    tellers = defaultdict[_Row, list[tuple[Recalled, Fact]]](list)
    for one in group:
        rows = Counter[_Row]()
        for fact in facts_of(one.parsed.document, filed_on(one.past)):
            row = None if _Place(one.past.accession, fact.table, fact.row) in gone else _row(fact, filed_on(one.past))
            if row is not None:
                rows[row] += 1
                tellers[row].append((one, fact))
        standing |= rows  # said by several, it is one all the same
    together = defaultdict[tuple[Kind, date, str], list[_Row]](list)
    for row in standing:
        together[row.kind, row.day, row.title].append(row)
    for rows_of_one in together.values():
        yield _deal([(row, standing[row], tellers[row]) for row in rows_of_one])


def _deal(rows: Sequence[tuple[_Row, int, Sequence[tuple[Recalled, Fact]]]]) -> Deal:
    """Together *rows*, each with how often it stands, and who tells of it."""
    said = {one.past.accession: one.past for _, _, told in rows for one, _ in told}
    past = sorted(said.values(), key=lambda one: (one.known, one.accession))
    row, _, [(_, fact), *_] = rows[0]
    shares = _sum((told[0][1].measures.get(Measure.SHARES), times) for _, times, told in rows)
    value = _sum((told[0][1].measures.get(Measure.VALUE), times) for _, times, told in rows)
    return Deal(
        kind=row.kind,
        day=row.day,
        issuer=past[0].issuer,
        security=fact.transaction.security_title or "no title",
        people=tuple(dict.fromkeys(owner.rpt_owner_cik for one in past for owner in one.owners)),
        shares=shares,
        value=value,
        price=value / shares if value is not None and shares else None,
        accessions=tuple(one.accession for one in past),
    )


def _row(fact: Fact, filed: date) -> _Row | None:
    """The row of *fact*, if it is a purchase or sale in Table I before it was *filed*: a later day is a slip."""
    row = fact.transaction
    if fact.kind not in _DEALT or not isinstance(row, NonDerivativeTransaction):
        return None
    if row.transaction_date is None or row.transaction_date > filed:
        return None
    return _Row(
        fact.kind,
        row.transaction_date,
        folded(row.security_title),
        rounded(row.transaction_shares),
        rounded(row.transaction_price_per_share),
    )


def _sum(stated: Iterable[tuple[Decimal | None, int]]) -> Decimal | None:
    total = Decimal(0)
    for number, times in stated:
        if number is None:
            return None
        total += number * times
    return total


def _how(row: NonDerivativeTransaction | NonDerivativeHolding) -> str:
    if row.direct_or_indirect_ownership is OwnershipForm.INDIRECT:
        return row.nature_of_ownership or "indirectly"
    return DIRECTLY


def _held_on(past: Past, row: NonDerivativeTransaction | NonDerivativeHolding) -> date:
    """The day after which so much was held: of a holding that did not change, the day of the filing."""
    filed = filed_on(past)
    traded = row.transaction_date if isinstance(row, NonDerivativeTransaction) else None
    return traded if traded is not None and traded <= filed else filed
