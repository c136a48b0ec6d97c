"""Which filings of the past a condition can be anything but false of: the others are not even read."""

from collections.abc import Iterator, Mapping

from consumers.matcher.cluster import CODE_OF
from consumers.matcher.meaning.kinds import CODES, GRANTED
from consumers.matcher.necessary import Clause, needs
from service.model.fact import Kind
from service.model.filing import Cik
from service.model.ownership import TransactionCode
from service.model.rule import Amendments, Claim, Cluster, Condition, Watchlist, kinds_of
from service.model.sought import Either
from service.model.trait import AMENDMENT, SWAP, TRAIT_OF_CODE

_MOST = 2_000  # companies and owners that are looked up one by one; with more, all filings are as quick


def sought(condition: Condition) -> tuple[Either, ...]:
    """What must be so of a filing for *condition* to be true of it, or unknown; nothing: it can be any.

    Only claims count that are never unknown: a filing that fails them is surely not met, whatever else it says.
    """
    found = [_either(clause) for clause in needs(condition)]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _either(clause: Clause) -> Either | None:
    """*clause* as a database can look it up; None: it cannot."""
    traits, issuers, tickers, owners = 0, set[Cik](), set[str](), set[Cik]()
    for claim in clause:
        kinds, lists = kinds_of(claim), list(_watched(claim))
        if kinds:
            for kind in kinds:
                traits |= TRAITS_OF_KIND[kind]
        elif isinstance(claim.asked, Cluster):
            traits |= TRAIT_OF_CODE[CODE_OF[claim.asked.direction]]
        elif claim.key == "amendments" and claim.asked is Amendments.ONLY:
            traits |= AMENDMENT
        elif lists and not any(one.owner_names for one in lists):
            for one in lists:
                issuers |= one.issuers | one.ciks
                tickers |= one.tickers
                owners |= one.owners
        else:
            return None
    if len(issuers) + len(tickers) + len(owners) > _MOST:
        return None
    return Either(traits=traits, issuers=frozenset(issuers), tickers=frozenset(tickers), owners=frozenset(owners))


def _watched(claim: Claim) -> Iterator[Watchlist]:
    if claim.key == "watchlist" and isinstance(claim.asked, tuple):
        yield from (one for one in claim.asked if isinstance(one, Watchlist))


def _traits() -> Mapping[Kind, int]:
    """By which traits a row of each kind may be told: its code, and what the row says beside it."""
    found = dict.fromkeys(Kind, 0)
    for code in (*TransactionCode, None):
        kinds = {CODES.get(code, Kind.OTHER) if code else Kind.OTHER}
        if code is TransactionCode.AWARD:
            kinds = {*GRANTED.values(), Kind.AWARD, Kind.GRANT_REVERSAL, Kind.OTHER}
        elif kinds & {Kind.EXERCISE, Kind.CONVERSION}:
            kinds.add(Kind.EXERCISE_SHARES)
        for kind in kinds:
            found[kind] |= TRAIT_OF_CODE[code]
    found[Kind.EQUITY_SWAP] |= SWAP
    return found


TRAITS_OF_KIND = _traits()
"""A filing without any of a kind's traits has no row of it."""
