"""When several insiders of a company bought within some days, by what a rule's `cluster` counts."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec import Struct

from consumers.matcher.cluster import Insider, clustered, deed
from service.model.fact import Verdict
from service.model.filing import Accession
from service.model.ownership import ReportingOwner
from service.model.past import Around, Past, filed_on
from service.model.rule import Cluster, Way

ASKED = Cluster(insiders=3, within=10)
"""Three who buy within ten days."""

_WHENEVER = date.min  # what is not kept is not counted: the page says from when on nothing is missing


class BoughtTogether(Struct, frozen=True, kw_only=True):
    """Insiders who bought within some days of each other."""

    first: date  # of their filings
    last: date
    insiders: tuple[tuple[ReportingOwner, ...], ...]  # each by those who report as one
    accessions: tuple[Accession, ...]


def together(filings: Iterable[Past]) -> list[BoughtTogether]:
    """Each time that it was so, the latest first; what goes on is told once, as far as it came."""
    bought = sorted(
        (past for past in filings if any(deed(row, Way.BUY) is not Verdict.FALSE for row in past.rows)),
        key=lambda past: (past.known, past.accession),
    )
    found = list[BoughtTogether]()
    for place, past in enumerate(bought):
        since = filed_on(past) - timedelta(days=ASKED.within)
        before = tuple(one for one in bought[:place] if filed_on(one) >= since)
        one = clustered(ASKED, Around(filing=past, filings=before), _WHENEVER)
        if one.verdict is Verdict.TRUE:
            _add(found, _told(one.insiders))
    return found[::-1]


def _add(found: list[BoughtTogether], one: BoughtTogether) -> None:
    """Put *one* behind those *found*; in place of the last, if that was part of it."""
    if found and set(found[-1].accessions) <= set(one.accessions):
        found.pop()
    found.append(one)


def _told(insiders: Sequence[Insider]) -> BoughtTogether:
    filings = [past for insider in insiders for past in insider.filings]
    return BoughtTogether(
        first=min(map(filed_on, filings)),
        last=max(map(filed_on, filings)),
        insiders=tuple(insider.owners for insider in insiders),
        accessions=tuple(past.accession for past in sorted(filings, key=lambda past: (past.known, past.accession))),
    )
