"""What came of holding a rule against the past, added up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from heapq import nsmallest

from msgspec import Struct

from consumers.matcher.subject import Subject
from service.control.rung import RungFilings
from service.model import calendar
from service.model.decision import Decided
from service.model.filing import Accession, Cik
from service.store.history import key_of

_MOST = 10  # companies and people that are named
_HOUR = 3600  # seconds


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
    held: int  # of these, read; of the others it is known by their facts, or no rule like it could be met
    kept: int  # of those that were read, whose facts are kept from now on, so that the next time knows them
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


class _Parties:
    """Companies, or people, and for how many filings of each it would have rung."""

    def __init__(self) -> None:
        self._rings: Counter[Cik] = Counter()
        self._names: dict[Cik, str] = {}  # as the latest filing has them
        self._named_by: dict[Cik, int] = {}  # that filing as the past has it, where it was not read

    def __len__(self) -> int:
        return len(self._rings)

    def ring(self, cik: Cik, name: str) -> None:
        """It would have rung once more."""
        if cik not in self._rings:
            self._names[cik] = name
        self._rings[cik] += 1

    def ring_unread(self, ciks: Sequence[Cik], keys: Sequence[int]) -> None:
        """It would have rung for these filings of each, the latest first, which were not read."""
        latest = dict(zip(reversed(ciks), reversed(keys), strict=True))
        self._named_by |= {cik: key for cik, key in latest.items() if cik not in self._rings}
        self._rings.update(ciks)

    @property
    def nameless(self) -> Mapping[Cik, int]:
        """Of those that are told of: who was not read, and the latest filing, which has the name."""
        return {cik: self._named_by[cik] for cik, _ in self._most() if cik in self._named_by}

    def told(self, names: Mapping[Cik, str]) -> tuple[Party, ...]:
        """Those for whom it would have rung most often; *names*: those of the `nameless`."""
        known = {**self._names, **names}
        return tuple(Party(cik=cik, name=known[cik], rings=rings) for cik, rings in self._most())

    def _most(self) -> Sequence[tuple[Cik, int]]:
        return nsmallest(_MOST, self._rings.items(), key=lambda one: (-one[1], one[0]))


class Tally:
    """Counts, filing by filing, the latest first."""

    def __init__(self) -> None:
        self.held = 0  # filings that were read
        self.kept = 0  # of them, those whose facts are kept since
        self.failed = 0  # of them, those on which the rule failed
        self.rings = RungFilings()  # the latest first
        self.companies, self.people = _Parties(), _Parties()
        self._unknown = 0
        self._days: Counter[date] = Counter()
        self._unknown_days: Counter[date] = Counter()
        self._claims: dict[str, tuple[int, date, date]] = {}
        self._hours: dict[int, date] = {}  # the Eastern day of each hour since 1970: all of it is of one day

    def ring(self, those: Sequence[Decided]) -> None:
        """It would have rung for *those*, the latest first, which were not read."""
        keys, known = [one.filing for one in those], [one.known for one in those]
        self.rings.add(keys, known)
        self._days.update(map(self.day, known))
        self.companies.ring_unread([Cik(f"{one.issuer:010d}") for one in those], keys)
        people, named_by = list[Cik](), list[int]()
        for one in those:
            owners = [Cik(owner) for owner in one.owners.split(",")] if one.owners else []
            people += owners
            named_by += [one.filing] * len(owners)
        self.people.ring_unread(people, named_by)

    def ring_of(self, subject: Subject, known: datetime) -> None:
        """It would have rung for *subject*."""
        filing, issuer = subject.filing, subject.document.issuer
        self.rings.add([key_of(filing.accession)], [known])
        self._days[self.day(known)] += 1
        self.companies.ring(issuer.issuer_cik, issuer.issuer_name or filing.issuer_name or "")
        for owner in {one.rpt_owner_cik: one for one in reversed(subject.owners)}.values():
            self.people.ring(owner.rpt_owner_cik, owner.rpt_owner_name or "")

    def doubt(self, day: date, claims: Iterable[str], filings: int = 1) -> None:
        """*claims* could not be decided of so many *filings* of that Eastern *day*."""
        self._unknown += filings
        self._unknown_days[day] += filings
        for claim in claims:
            count, first, last = self._claims.get(claim, (0, day, day))
            self._claims[claim] = count + filings, min(first, day), max(last, day)

    def day(self, known: datetime) -> date:
        """The Eastern day on which it was *known*."""
        hour = int(known.timestamp()) // _HOUR
        day = self._hours.get(hour)
        if day is None:
            day = self._hours[hour] = calendar.eastern_day(known)
        return day

    def told(
        self,
        since: datetime,
        until: datetime,
        reached: datetime | None,
        oldest: datetime | None,
        filings: int,
        latest: tuple[Ring, ...],
        names: tuple[Mapping[Cik, str], Mapping[Cik, str]],
    ) -> Backtest:
        """What came of it; *names*: of the companies and the people whose names were not read."""
        claims = sorted(self._claims.items(), key=lambda one: (-one[1][0], one[0]))
        begins = max(reached or since, oldest or since)
        return Backtest(
            since=since,
            until=until,
            reached=reached,
            oldest=oldest,
            filings=filings,
            held=self.held,
            kept=self.kept,
            rang=len(self.rings),
            failed=self.failed,
            by_day=dict(sorted(self._days.items())),
            noise=_noise(self._days, begins, until),
            companies=self.companies.told(names[0]),
            companies_count=len(self.companies),
            people=self.people.told(names[1]),
            people_count=len(self.people),
            unknown=tuple(
                Unknown(claim=claim, filings=count, first=first, last=last) for claim, (count, first, last) in claims
            ),
            unknown_count=self._unknown,
            unknown_by_day=dict(sorted(self._unknown_days.items())),
            latest=latest,
            rings=self.rings,
        )


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
