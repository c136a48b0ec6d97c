"""What came of holding a rule against the past, added up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from consumers.matcher.subject import Subject
from service.model import calendar
from service.model.filing import Accession, Cik

_MOST = 10  # companies and people that are named


class Ring(Struct, frozen=True, kw_only=True):
    """A filing for which the rule would have rung."""

    accession: Accession
    form: str
    known: datetime  # when EDGAR accepted it; of a quarterly set, when EDGAR closed on its day
    company: str
    symbols: tuple[str, ...]
    headline: str


class Party(Struct, frozen=True, kw_only=True):
    """A company or a person for whom it would have rung."""

    cik: Cik
    name: str
    rings: int


class Unknown(Struct, frozen=True, kw_only=True):
    """A claim of the rule that could not be decided, where all depended on it."""

    claim: str  # in words
    filings: int
    first: date  # Eastern days
    last: date


class Noise(Struct, frozen=True, kw_only=True):
    """What it would have been like to be told."""

    a_week: float  # alerts
    days: int  # business days that were looked at
    days_with: int  # days on which it rang
    busiest: date | None  # None: it never rang
    on_busiest: int


class Backtest(Struct, frozen=True, kw_only=True):
    """What a rule would have done in a stretch of the past."""

    since: datetime
    until: datetime
    reached: datetime | None  # it was stopped, or time was up, here: nothing before was looked at; None: it is done
    oldest: datetime | None  # since when there are filings; None: there is none
    filings: int  # that were known in that time, or in the part that was looked at
    held: int  # of these; no other could be met by the rule
    rang: int
    failed: int  # filings on which the rule failed
    by_day: Mapping[date, int]  # Eastern days on which it would have rung, in order
    noise: Noise
    companies: tuple[Party, ...]  # those for which it would have rung most often
    companies_count: int
    people: tuple[Party, ...]
    people_count: int
    unknown: tuple[Unknown, ...]  # the most frequent first
    unknown_count: int  # filings
    unknown_by_day: Mapping[date, int]
    latest: tuple[Ring, ...]
    rings: Mapping[Accession, datetime]  # every filing for which it would have rung, and when that was known

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last Eastern day of which filings were looked at."""
        first = max(self.reached or self.since, self.oldest or self.since)
        return calendar.eastern_day(first), calendar.eastern_day(self.until)


class Tally:
    """Counts, filing by filing, the latest first."""

    def __init__(self) -> None:
        self.held = 0
        self.last: datetime | None = None  # when the latest that was held was known
        self.rings: dict[Accession, datetime] = {}  # the latest first
        self._failed = self._unknown = 0
        self._days: Counter[date] = Counter()
        self._unknown_days: Counter[date] = Counter()
        self._companies: Counter[Cik] = Counter()
        self._people: Counter[Cik] = Counter()
        self._names: dict[Cik, str] = {}
        self._claims: dict[str, tuple[int, date, date]] = {}

    def fail(self, known: datetime) -> None:
        """The rule failed on a filing."""
        self._pass(known)
        self._failed += 1

    def hold(self, subject: Subject, known: datetime, unknown: Sequence[str], *, rang: bool) -> None:
        """*subject* was held; *unknown*: the claims that nothing could decide."""
        self._pass(known)
        if rang:
            self._ring(subject, known)
        elif unknown:
            self._unknown += 1
            day = calendar.eastern_day(known)
            self._unknown_days[day] += 1
            for claim in unknown:
                count, first, last = self._claims.get(claim, (0, day, day))
                self._claims[claim] = count + 1, min(first, day), max(last, day)

    def told(
        self,
        since: datetime,
        until: datetime,
        reached: datetime | None,
        oldest: datetime | None,
        filings: int,
        latest: tuple[Ring, ...],
    ) -> Backtest:
        """What came of it."""
        claims = sorted(self._claims.items(), key=lambda one: (-one[1][0], one[0]))
        begins = max(reached or since, oldest or since)
        return Backtest(
            since=since,
            until=until,
            reached=reached,
            oldest=oldest,
            filings=filings,
            held=self.held,
            rang=len(self.rings),
            failed=self._failed,
            by_day=dict(sorted(self._days.items())),
            noise=_noise(self._days, begins, until),
            companies=self._most(self._companies),
            companies_count=len(self._companies),
            people=self._most(self._people),
            people_count=len(self._people),
            unknown=tuple(
                Unknown(claim=claim, filings=count, first=first, last=last) for claim, (count, first, last) in claims
            ),
            unknown_count=self._unknown,
            unknown_by_day=dict(sorted(self._unknown_days.items())),
            latest=latest,
            rings=self.rings,
        )

    def _pass(self, known: datetime) -> None:
        self.held += 1
        self.last = known

    def _ring(self, subject: Subject, known: datetime) -> None:
        issuer = subject.document.issuer
        self.rings[subject.filing.accession] = known
        self._days[calendar.eastern_day(known)] += 1
        self._companies[issuer.issuer_cik] += 1
        self._names.setdefault(issuer.issuer_cik, issuer.issuer_name or "")
        for owner in {one.rpt_owner_cik: one for one in subject.owners}.values():
            self._people[owner.rpt_owner_cik] += 1
            self._names.setdefault(owner.rpt_owner_cik, owner.rpt_owner_name or "")

    def _most(self, counts: Counter[Cik]) -> tuple[Party, ...]:
        most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST]
        return tuple(Party(cik=cik, name=self._names[cik], rings=rings) for cik, rings in most)


def _noise(days: Counter[date], since: datetime, until: datetime) -> Noise:
    first, last = calendar.eastern_day(since), calendar.eastern_day(until)
    busiest = max(sorted(days), key=lambda day: days[day], default=None)
    weeks = max((until - since).total_seconds() / (7 * 24 * 3600), 1 / 7)
    return Noise(
        a_week=round(days.total() / weeks, 2),
        days=sum(map(calendar.is_business_day, calendar.weekdays(first, last))),
        days_with=len(days),
        busiest=busiest,
        on_busiest=0 if busiest is None else days[busiest],
    )
