"""Whether several insiders of one issuer do the same within some days. Pure.

Who reports together, who reports the same trade, and who is an owner in both of two filings are one insider. What an
amendment says again was told by what it amends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from consumers.kleene import all_of, any_of, opposite
from consumers.matcher.trade import Trades, one_trade, says_again
from service.model.fact import Verdict
from service.model.filing import Accession
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    NonDerivativeTransaction,
    ReportingOwner,
    Transaction,
    TransactionCode,
)
from service.model.past import Around, Past, Row, filed_on
from service.model.rule import Cluster, Tick, Way

_TRUE, _FALSE, _UNKNOWN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN
_DEEDS = {  # the code, and the box beside it that goes with it
    Way.BUY: (TransactionCode.PURCHASE, AcquiredDisposed.ACQUIRED),
    Way.SELL: (TransactionCode.SALE, AcquiredDisposed.DISPOSED),
}

CODE_OF = {way: code for way, (code, _) in _DEEDS.items()}
"""The code of every row that can be one."""


def deed(row: Row, way: Way) -> Verdict:
    """Whether *row* is a purchase, or a sale; unknown where code and box contradict each other."""
    code, box = _DEEDS[way]
    if not isinstance(row, NonDerivativeTransaction | DerivativeTransaction) or row.transaction_code is not code:
        return _FALSE
    if row.equity_swap_involved:
        return _FALSE
    return _TRUE if row.transaction_acquired_disposed_code is box else _UNKNOWN


@dataclass(frozen=True, slots=True)
class _Doing:
    """A filing with such rows."""

    told: Trades
    does: Verdict


@dataclass(frozen=True, slots=True)
class Insider:
    """Who counts as one."""

    filings: tuple[Past, ...]  # in the order in which they could be known
    does: Verdict  # whether what they report is surely that
    counts: Verdict  # the same, and whether they are nobody whom the cluster leaves out
    officer: Verdict

    @property
    def owners(self) -> tuple[ReportingOwner, ...]:
        """Who they are, each once."""
        return tuple({owner.rpt_owner_cik: owner for past in self.filings for owner in past.owners}.values())

    @property
    def accessions(self) -> tuple[Accession, ...]:
        """Their filings."""
        return tuple(past.accession for past in self.filings)


@dataclass(frozen=True, slots=True)
class Clustered:
    """How a filing fares."""

    verdict: Verdict
    since: date  # the first day that is looked at
    enough: bool  # whether there surely are as many as asked for
    mine: Insider | None  # who may count with this filing; None: nobody
    insiders: tuple[Insider, ...]  # who may count, in the order of their first filings, with this one


def clustered(asked: Cluster, around: Around, complete: date | None) -> Clustered:
    """Whether the filing of *around* completes what is *asked*, or brings another insider to what is complete.

    Of days from *complete* on nothing is missing; None: that cannot be said of any day.
    """
    filing = around.filing
    since = filed_on(filing) - timedelta(days=asked.within)
    before = [past for past in around.filings if filed_on(past) >= since]
    now, then = _insiders(asked, [*before, filing], since), _insiders(asked, before, since)
    mine = next((one for one in now if filing.accession in one.accessions), None)
    rings = _FALSE if mine is None else all_of((mine.counts, _enough(asked, now), _joins(asked, mine, then)))
    if mine is not None and (complete is None or complete > since):
        rings = _FALSE if mine.counts is _FALSE else _UNKNOWN
    counting = tuple(one for one in now if one.counts is not _FALSE)
    return Clustered(
        verdict=rings,
        since=since,
        enough=_enough(asked, now) is _TRUE,
        mine=mine if mine in counting else None,
        insiders=counting,
    )


def _joins(asked: Cluster, mine: Insider, then: Sequence[Insider]) -> Verdict:
    """Whether without the filing there were too few, or *mine* was none of them."""
    others = frozenset(mine.accessions)
    was = any_of(one.counts for one in then if not others.isdisjoint(one.accessions))
    return any_of((opposite(_enough(asked, then)), opposite(was)))


def _enough(asked: Cluster, insiders: Sequence[Insider]) -> Verdict:
    officers = [all_of((one.counts, one.officer)) for one in insiders]
    return all_of((_at_least(asked.insiders, (one.counts for one in insiders)), _at_least(asked.officers, officers)))


def _at_least(number: int, verdicts: Iterable[Verdict]) -> Verdict:
    every = list(verdicts)
    if every.count(_TRUE) >= number:
        return _TRUE
    return _FALSE if len(every) - every.count(_FALSE) < number else _UNKNOWN


def _insiders(asked: Cluster, window: Sequence[Past], since: date) -> list[Insider]:
    """Those who do it in *window*."""
    left = list(_doing(asked.direction, window, since))
    found = list[Insider]()
    while left:
        group = [left.pop(0)]
        for one in group:
            new = [other for other in left if _one_insider(one.told, other.told)]
            left = [other for other in left if not any(other is mine for mine in new)]
            group += new
        found.append(_insider(asked, sorted(group, key=lambda one: one.told.place)))
    return found


def _one_insider(one: Trades, other: Trades) -> bool:
    return not one.owners.isdisjoint(other.owners) or one_trade(one, other)


def _insider(asked: Cluster, group: Sequence[_Doing]) -> Insider:
    filings = tuple(one.told.past for one in group)
    owners = [owner for past in filings for owner in past.owners]
    does = any_of(one.does for one in group)
    left_out = any_of(_ticked(owner, tick) for owner in owners for tick in asked.exclude)
    return Insider(
        filings=filings,
        does=does,
        counts=all_of((does, opposite(left_out))),
        officer=any_of(_ticked(owner, Tick.OFFICER) for owner in owners),
    )


def _ticked(owner: ReportingOwner, tick: Tick) -> Verdict:
    box = {
        Tick.DIRECTOR: owner.relationship.is_director,
        Tick.OFFICER: owner.relationship.is_officer,
        Tick.TEN_PERCENT_OWNER: owner.relationship.is_ten_percent_owner,
        Tick.OTHER: owner.relationship.is_other,
    }[tick]
    return _UNKNOWN if box is None else Verdict.of(box)


def _doing(way: Way, window: Sequence[Past], since: date) -> Iterator[_Doing]:
    """The filings of *window* that report such a deed for the first time, and whether it surely is one."""
    amendments = [past for past in window if _is_amendment(past)]
    for past in window:
        if _is_amendment(past) and past.amends is not None and past.amends < since:
            continue  # it was told before
        rows = [row for row in past.rows if _stands(row, past, window, amendments, way)]
        does = any_of(deed(row, way) for row in rows)
        if does is not _FALSE:
            yield _Doing(Trades.of(past), does)


def _stands(row: Row, past: Past, window: Sequence[Past], amendments: Sequence[Past], way: Way) -> bool:
    """Whether *row* is not said before, and no amendment says that it was something else."""
    if not isinstance(row, NonDerivativeTransaction | DerivativeTransaction):
        return False
    if _is_amendment(past):
        originals = (one for one in window if _amends(past, one))
        if any(deed(old, way) is deed(row, way) for one in originals for old in _said(row, one)):
            return False
    later = (one for one in amendments if _amends(one, past))
    return not any(deed(new, way) is not deed(row, way) for one in later for new in _said(row, one))


def _said(row: Transaction, past: Past) -> Iterator[Transaction]:
    """The rows of *past* that say *row* as well, or in its place."""
    for other in past.rows:
        if isinstance(other, NonDerivativeTransaction | DerivativeTransaction) and says_again(other, row):
            yield other


def _is_amendment(past: Past) -> bool:
    return past.form.endswith("/A") and past.amends is not None


def _amends(one: Past, other: Past) -> bool:
    return (
        _is_amendment(one)
        and one.amends in (filed_on(other), other.amends)
        and (one.known, one.accession) > (other.known, other.accession)
        and not {owner.rpt_owner_cik for owner in one.owners}.isdisjoint(owner.rpt_owner_cik for owner in other.owners)
    )
