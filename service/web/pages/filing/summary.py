"""What a filing comes to: who did what, how much, when, and how late."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from consumers.dispatcher.known import notes_of
from consumers.matcher.alerts import flags_of
from consumers.matcher.facts.told import facts_told, with_facts
from consumers.matcher.headline import headline
from consumers.matcher.headline.group import Group, groups_of
from consumers.matcher.subject import Subject
from consumers.words import kind, owner_text, plain, rounded
from service.model.amendment import Amends
from service.model.fact import Fact, Measure
from service.model.flag import Flag
from service.model.known import Direction, Plan
from service.model.ownership import OwnershipDocument
from service.text import legible, one_line
from service.web.pages.filing.evidence import anchor
from service.words import counted, shortened

_TOLD = 4  # groups of rows that are put in words
_NAMED = 3  # owners
_TENTH = Decimal("0.1")
_ALL = Decimal(100)  # percent
_EXACT = Context(prec=99)
_HEADLINE = 320  # characters; names can be endless
_NAME = 120
_GONE = frozenset({Direction.SELL, Direction.DISPOSE})


class Tone(StrEnum):
    """How to take it."""

    GOOD = "good"
    WARN = "warn"
    EMPTY = ""


class Said(Struct, frozen=True, kw_only=True):
    """An answer in words."""

    text: str
    state: Tone = Tone.EMPTY


class DealLine(Struct, frozen=True, kw_only=True):
    """Rows that report the same of the same security."""

    what: str  # "sale"
    title: str
    shares: str | None  # None, here and below: unknown, or it does not apply
    price: tuple[str, str] | None  # "Price" or "Strike", and what it is
    worth: str | None  # USD
    holding: str | None  # "-12.5%"
    rows: int
    anchor: str  # of the first


class Summary(Struct, frozen=True, kw_only=True):
    """The first screen of a filing's page."""

    headline: str
    title: str  # of the page
    who: tuple[str, ...]
    others: int  # owners that are not named
    deals: tuple[DealLine, ...]
    more: int  # groups of rows that are not put in words
    traded: str | None  # the day, or the first and the last
    late: Said
    plan: Said
    notes: tuple[str, ...]
    flags: tuple[Flag, ...]


def summary(filed: Subject, amends: Amends | None = None) -> Summary:
    """What is to be said of the filing before its form; *amends*: what it amends."""
    rows = with_facts(filed, filed.facts)
    document = legible(replace(filed.document, non_derivative_table=(), derivative_table=()))
    groups = groups_of(rows)
    issuer = document.issuer
    symbols = f" [{', '.join(issuer.symbols)}]" if issuer.symbols else ""
    owners = [shortened(owner_text(owner), _NAME) for owner in document.reporting_owners]
    company = shortened(issuer.issuer_name or issuer.issuer_cik, _NAME)
    return Summary(
        headline=shortened(one_line(headline(filed, rows, amends)), _HEADLINE),
        title=f"Form {document.document_type}, {company}{symbols}",
        who=tuple(owners[:_NAMED]),
        others=len(owners[_NAMED:]),
        deals=tuple(map(_deal, groups[:_TOLD])),
        more=len(groups[_TOLD:]),
        traded=_traded(rows),
        late=_late(document, rows),
        plan=_plan(document, rows),
        notes=tuple(notes_of(facts_told(filed))),
        flags=legible(flags_of(filed, rows)),
    )


def _deal(group: Group) -> DealLine:
    shares = group.all_of(Measure.SHARES)
    first = group.first
    return DealLine(
        what=kind(first),
        title=shortened(one_line(first.transaction.security_title or "security without a title"), _NAME),
        shares=plain(group.total(Measure.SHARES)) if len(shares) == len(group.rows) else None,
        price=_price(group),
        worth=_worth(group),
        holding=_holding(group.rows),
        rows=len(group.rows),
        anchor=anchor(first.table, first.row),
    )


def _price(group: Group) -> tuple[str, str] | None:
    """What was paid; where nothing was, at which strike."""
    for label, measure in (("Price", Measure.PRICE), ("Strike", Measure.STRIKE)):
        numbers = group.all_of(measure)
        if any(numbers):
            low, high = min(numbers), max(numbers)
            span = rounded(measure, low) if low == high else f"{rounded(measure, low)} to {rounded(measure, high)}"
            return label, span
    return None


def _worth(group: Group) -> str | None:
    for measure in (Measure.VALUE, Measure.EXERCISE_VALUE):
        if group.states(measure) and group.total(measure):
            return rounded(Measure.VALUE, group.total(measure))
    return None


def _holding(rows: Sequence[Fact]) -> str | None:
    """How much of what was held before changed hands, all *rows* together: each counts on from another of its line."""
    lines = {(row.ownership, row.transaction.nature_of_ownership) for row in rows}
    directions = {row.facts.direction for row in rows}
    changes = [row.facts.holding_change for row in rows]
    if len(lines) != 1 or len(directions) != 1:
        return None
    gone = directions <= _GONE
    left = _ALL
    for change in changes:
        if change is None:
            return None
        left = _EXACT.multiply(left, (_ALL - change if gone else _ALL + change) / _ALL)
    share = abs(left - _ALL).quantize(_TENTH, ROUND_HALF_UP, _EXACT)
    return f"{'−' if gone else '+'}{plain(share)}%"


def _traded(rows: Iterable[Fact]) -> str | None:
    days = sorted({row.transaction.transaction_date for row in rows} - {None}, key=lambda day: day or date.min)
    return None if not days else str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _late(document: OwnershipDocument, rows: Sequence[Fact]) -> Said:
    days = [row.facts.days_late for row in rows if row.facts.days_late is not None]
    if not rows:
        return Said(text="No transactions")
    if not days:
        return Said(text="An amendment has no due date" if document.is_amendment else "Cannot be told")
    if not any(days):
        return Said(text="In time", state=Tone.GOOD)
    return Said(text=f"{counted(int(max(days)), 'business day')} late", state=Tone.WARN)


def _plan(document: OwnershipDocument, rows: Iterable[Fact]) -> Said:
    plans = {row.facts.plan for row in rows}
    if Plan.CONTRADICTORY in plans:
        return Said(text="Box and footnotes contradict each other", state=Tone.WARN)
    if Plan.PLAN in plans:
        adopted = sorted({row.facts.plan_adopted for row in rows if row.facts.plan_adopted})
        return Said(text=f"Yes, adopted {', '.join(map(str, adopted))}" if adopted else "Yes")
    if document.aff10b5_one:
        return Said(text="Box ticked")
    return Said(text="No" if Plan.NONE in plans or document.aff10b5_one is False else "Not stated")
