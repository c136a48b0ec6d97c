"""The line itself: company, owner, what happened, and what to mind."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from consumers.matcher.facts.exercise import Exercise, exercise_of
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.headline.amended import filed_before, lead
from consumers.matcher.headline.group import Group, groups_of
from consumers.matcher.headline.phrases import phrase
from consumers.matcher.subject import Subject
from consumers.words import plain
from service.model.amendment import Amends
from service.model.fact import Fact, Kind, Measure, OwnerRole
from service.model.flag import FlagCode
from service.model.known import Plan
from service.model.ownership import ReportingOwner
from service.model.tape import Insider, headline_of
from service.words import counted

_ALL = "what all rows report"  # the key under which a subject keeps it
_TOLD = 2  # groups of rows that are put in words; the others are counted
_MINDED = 3  # remarks at the end
_GIVEN = frozenset({Kind.EXERCISE, Kind.CONVERSION})  # what they brought is told with them
_TRADES = frozenset({Kind.PURCHASE, Kind.SALE})
_TITLE_ELSEWHERE = ("see ", "(see", "*", "(1)")

_FLAGS: Mapping[FlagCode, str] = {
    FlagCode.CURRENCY: "not in US dollars",
    FlagCode.OTHER_UNIT: "the price is for another unit",
    FlagCode.TOTAL_IN_PRICE: "the price box holds a total",
    FlagCode.COUNT_IN_VALUE: "the value box holds a number",
    FlagCode.NEGATIVE: "a number is less than 0",
    FlagCode.IMPOSSIBLE_DATE: "the date is impossible",
    FlagCode.TRADE_AFTER_FILING: "the date is impossible",
    FlagCode.OLD_TRADE: "traded over a year before the filing",
    FlagCode.EXPIRY_BEFORE_TRADE: "expired before the trade",
    FlagCode.MALFORMED: "the filing was not well-formed",
}
"""Flags that change how the line is to be read; the alert has them all."""

_UNFLAGGED = frozenset[FlagCode]()


def headline(subject: Subject, rows: Sequence[Fact], amends: Amends | None = None) -> str:
    """The line for *rows* of *subject*; rows of one kind and security are told as one, the weightiest first.

    *amends*: what it amends, if it is an amendment and that was looked up.
    """
    issuer, what = subject.document.issuer, told(subject, rows, amends)
    return headline_of(issuer.issuer_name or issuer.issuer_cik, issuer.symbols, insiders(subject), what)


def insiders(subject: Subject) -> tuple[Insider, ...]:
    """Who reports, each with what they are to the company."""
    return tuple(
        Insider(cik=owner.rpt_owner_cik, name=owner.rpt_owner_name, role=_role(owner, subject, place))
        for place, owner in enumerate(subject.owners)
    )


def told(subject: Subject, rows: Sequence[Fact], amends: Amends | None = None) -> str:
    """What *rows* of *subject* report, without the company and the owners; of all rows it is made once."""
    if amends is not None or len(rows) != len(subject.facts):
        return _told(subject, rows, amends)
    if _ALL not in subject.known:
        subject.known[_ALL] = _told(subject, rows, amends)
    known: str = subject.known[_ALL]
    return known


def _told(subject: Subject, rows: Sequence[Fact], amends: Amends | None) -> str:
    does = "" if amends is None else lead(amends, rows)
    if not rows:
        return f"{does or 'filed '}a form {subject.document.document_type} without transactions"
    groups = groups_of(rows)
    exercise = _exercise(subject, groups)
    outcome = "" if exercise is None else _outcome(exercise, groups)
    telling = [group for group in groups if not _goes_without_saying(group, groups, exercise)]
    first = telling[:_TOLD]
    left = sum(len(group.rows) for group in telling[_TOLD:])
    more = f", and {counted(left, 'more row')}" if left else ""
    shown = [row for group in first for row in group.rows]
    minded = list(dict.fromkeys(_minded(subject, shown, amends)))[:_MINDED]
    phrases = [phrase(group) for group in first]
    exercised = [at for at, group in enumerate(first) if group.kind is Kind.EXERCISE]
    if exercised:
        phrases[exercised[-1]] += outcome
    what = " and ".join(phrases)
    mind = f" ({', '.join(minded)})" if minded else ""
    return f"{does}{what}{more}{mind}"


def _role(owner: ReportingOwner, subject: Subject, place: int) -> str | None:
    relationship = owner.relationship
    title = relationship.officer_title or relationship.other_text
    if title and title.casefold().startswith(_TITLE_ELSEWHERE):
        offices = subject.roles_of_owners[place].found - _TICKS
        title = ", ".join(_office(role) for role in OwnerRole if role in offices)
    if not title and relationship.is_officer:
        title = "officer"
    if not title and relationship.is_director:
        title = "director"
    if not title and relationship.is_ten_percent_owner:
        title = "10% owner"
    return title or None


def _office(role: OwnerRole) -> str:
    """``CFO``, ``General Counsel``."""
    return role.upper() if len(role) == len("ceo") else role.replace("-", " ").title()


_TICKS = frozenset({OwnerRole.DIRECTOR, OwnerRole.OFFICER, OwnerRole.TEN_PERCENT_OWNER, OwnerRole.OTHER})


def _goes_without_saying(group: Group, groups: Sequence[Group], exercise: Exercise | None) -> bool:
    """Whether the exercise or conversion beside it says it: what it brought, and what was withheld of that."""
    counted_in = exercise is not None and all(row.place in exercise.rows for row in group.rows)
    if group.kind is Kind.WITHHOLDING:
        return counted_in
    if group.kind is not Kind.EXERCISE_SHARES:
        return False
    given = [one for one in groups if one.kind in _GIVEN]
    brought = [one for one in groups if one.kind is Kind.EXERCISE_SHARES]
    return bool(given) and (counted_in or _as_many(_number(brought), given))


def _exercise(subject: Subject, groups: Sequence[Group]) -> Exercise | None:
    """What became of the shares that the exercises brought, where the filing tells, and *groups* have all of them."""
    exercised = sum([len(group.rows) for group in groups if group.kind is Kind.EXERCISE])
    if not exercised or exercised != sum(row.kind is Kind.EXERCISE for row in subject.facts):
        return None
    found = exercise_of(subject)
    return found if found is not None and found.brought and found.kept >= 0 else None


def _outcome(found: Exercise, groups: Sequence[Group]) -> str:
    """`` (600 withheld, 400 kept)``; what was received first, where it is another number than was exercised."""
    given = [group for group in groups if group.kind is Kind.EXERCISE]
    received = "" if _as_many(found.brought, given) else f"{plain(found.brought)} shares received, "
    parts = (
        (found.sold, "sold"),
        (found.withheld, "withheld"),
        (found.returned, "returned to the company"),
        (found.kept, "kept"),
    )
    told = ", ".join(_share(number, found.brought, what) for number, what in parts if number > 0)
    return f" ({received}{told})"


def _as_many(number: Decimal | None, given: Sequence[Group]) -> bool:
    """Whether *number* is that of the securities *given*, or of the shares that underlie them."""
    return number is not None and number in (_number(given), _number(given, Measure.UNDERLYING_SHARES))


def _number(groups: Sequence[Group], measure: Measure = Measure.SHARES) -> Decimal | None:
    """*measure* of all *groups* together; None: one of their rows does not state it."""
    if not all(group.states(measure) for group in groups):
        return None
    return sum([group.total(measure) for group in groups], Decimal(0))


def _share(number: Decimal, whole: Decimal, what: str) -> str:
    return f"all {what}" if number == whole else f"{plain(number)} {what}"


def _minded(subject: Subject, rows: Sequence[Fact], amends: Amends | None) -> Iterator[str]:
    """What a reader must know beside it, the gravest first."""
    if amends is not None and (before := filed_before(amends, rows)):
        yield before
    if subject.document.is_amendment and amends is None:
        yield "amends an earlier filing"
    for row in rows:
        codes = {flag.code for flag in row.flags} if row.flags else _UNFLAGGED
        if FlagCode.DIRECTION in codes:
            yield f"code {row.transaction.transaction_code}, but the box says {_box(row)}"
        if Kind.EQUITY_SWAP in row.kinds and row.kind is not Kind.EQUITY_SWAP:
            yield "an equity swap"
        if codes:
            yield from (words for code, words in _FLAGS.items() if code in codes)
    if any(row.kind in _TRADES and FACTS["plan"].of(subject, row) is Plan.PLAN for row in rows):
        yield "under a 10b5-1 plan"
    days_late = FACTS["days_late"]
    late = [days for row in rows if isinstance(days := days_late.of(subject, row), Decimal)]
    if any(late) and not any(flag.code is FlagCode.OLD_TRADE for row in rows for flag in row.flags):
        yield f"filed {counted(int(max(late)), 'business day')} late"


def _box(row: Fact) -> str:
    box = row.transaction.transaction_acquired_disposed_code
    return box.name.lower() if box else "nothing"
