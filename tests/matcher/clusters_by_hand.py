"""Which filings complete a cluster, by what docs/rules.md says alone, from the cells of quarterly sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.kit.quarters import Quarter

Cells = Mapping[str, str]
_ROWS = ("NONDERIV_TRANS", "DERIV_TRANS")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule asks for."""

    insiders: int
    days: int
    code: str = "P"
    officers: int = 0
    without: str = ""  # who has this tick does not count


@dataclass(frozen=True, slots=True, eq=False)
class Filed:
    """A filing, as its cells have it."""

    accession: str
    issuer: str
    day: date
    original: date | None  # of what it amends
    event: int  # what happened: of a chain, all of its filings have one
    owners: Mapping[str, str]  # their ticks
    rows: Sequence[tuple[str, Cells]]  # each with its table


def filed(quarters: Iterable[Quarter]) -> list[Filed]:
    """Every filing, in the order in which it could be known."""
    found = [one for quarter in quarters for one in _filed(quarter)]
    return sorted(found, key=lambda one: (one.day, one.accession))


def ringing(every: Sequence[Filed], asked: Asked) -> set[str]:
    """The filings that complete such a cluster, or bring another insider to it."""
    by_issuer: dict[str, list[Filed]] = {}
    found = set[str]()
    for one in every:
        before = by_issuer.setdefault(one.issuer, [])
        if any(cells["TRANS_CODE"] == asked.code for _, cells in one.rows) and _rings(one, before, asked):
            found.add(one.accession)
        before.append(one)
    return found


def _rings(one: Filed, before: Sequence[Filed], asked: Asked) -> bool:
    since = one.day - timedelta(days=asked.days)
    window = [other for other in before if other.day >= since]
    now, then = _counted([*window, one], since, asked), _counted(window, since, asked)
    mine = next((group for group in now if one in group), None)
    if mine is None or not _enough(now, asked):
        return False
    return not _enough(then, asked) or not any(other in mine for group in then for other in group)


def _enough(groups: Sequence[Sequence[Filed]], asked: Asked) -> bool:
    officers = sum(any("Officer" in ticks for one in group for ticks in one.owners.values()) for group in groups)
    return len(groups) >= asked.insiders and officers >= asked.officers


def _counted(window: Sequence[Filed], since: date, asked: Asked) -> list[list[Filed]]:
    """Those who do it in *window*, each insider's filings together."""
    groups: list[list[Filed]] = []
    for one in (one for one in window if any(True for _ in _deeds(one, window, since, asked.code))):
        same = [group for group in groups if any(_same(one, other) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([one, *(other for group in same for other in group)])
    ticks = [[tick for one in group for tick in one.owners.values()] for group in groups]
    return [
        group
        for group, each in zip(groups, ticks, strict=True)
        if not asked.without or not any(asked.without in tick for tick in each)
    ]


def _same(one: Filed, other: Filed) -> bool:
    return one.event == other.event or not one.owners.keys().isdisjoint(other.owners)


def _deeds(one: Filed, window: Sequence[Filed], since: date, code: str) -> Iterator[Cells]:
    """The rows of *one* that are such deeds, and were told by no other before."""
    if one.original is not None and one.original < since:
        return
    place = window.index(one)
    originals = [other for other in window[:place] if _amends(one, other)]
    amendments = [other for other in window[place + 1 :] if _amends(other, one)]
    for table, row in one.rows:
        if row["TRANS_CODE"] != code:
            continue
        said_before = (old for was in originals for old in was.rows if old[1]["TRANS_CODE"] == code)
        said_since = (new for became in amendments for new in became.rows if new[1]["TRANS_CODE"] != code)
        if not any(_again((table, row), other) for other in (*said_before, *said_since)):
            yield row


def _amends(one: Filed, other: Filed) -> bool:
    if one.original is None or one.original not in (other.day, other.original):
        return False
    return not one.owners.keys().isdisjoint(other.owners)


def _again(one: tuple[str, Cells], other: tuple[str, Cells]) -> bool:
    (table, row), (at, said) = one, other
    alike = all(row[name] == said[name] for name in ("TRANS_DATE", "SECURITY_TITLE"))
    return table == at and alike and any(row[name] == said[name] for name in ("TRANS_CODE", "TRANS_SHARES"))


def _filed(quarter: Quarter) -> Iterator[Filed]:
    owners: dict[str, dict[str, str]] = {}
    rows: dict[str, list[tuple[str, Cells]]] = {}
    for owner in quarter.tables["REPORTINGOWNER"]:
        owners.setdefault(owner["ACCESSION_NUMBER"], {})[owner["RPTOWNERCIK"]] = owner["RPTOWNER_RELATIONSHIP"]
    for table in _ROWS:
        for row in quarter.tables[table]:
            rows.setdefault(row["ACCESSION_NUMBER"], []).append((table, row))
    for one in quarter.tables["SUBMISSION"]:
        original = one["DATE_OF_ORIG_SUB"]
        accession = one["ACCESSION_NUMBER"]
        yield Filed(
            accession=accession,
            issuer=one["ISSUERCIK"],
            day=_day(one["FILING_DATE"]),
            original=_day(original) if original else None,
            event=quarter.events[accession][0],
            owners=owners[accession],
            rows=rows.get(accession, ()),
        )


def _day(cell: str) -> date:
    return datetime.strptime(cell, "%d-%b-%Y").date()  # noqa: DTZ007  (a day)
