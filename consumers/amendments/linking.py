"""Which filing an amendment amends: it names the day of that one alone, and sometimes the wrong one."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from consumers.amendments.difference import Difference, difference
from consumers.amendments.effect import effect, effect_alone
from consumers.amendments.pairing import Tie
from consumers.amendments.version import Version
from service.model.amendment import Amends, Effect, Found
from service.model.filing import Accession

_TOLD = 5  # of the filings that can be meant


def amends(new: Version, before: Iterable[Version]) -> Amends:
    """What *new*, an amendment, amends among *before*: filings on its company that were known before it.

    Filings of one of its owners of the day that it names, and their amendments; or else those whose rows it repeats.
    Of several it is the one with which its rows have most in common, of versions of one filing the latest of these.
    """
    versions = [one for one in before if _earlier(one, new) and one.form[0] == new.form[0]]
    every = [difference(old, new) for old in versions]
    found, differences = Found.DAY, [one for one in every if _named(one)]
    if not differences:
        found, differences = Found.ROWS, [one for one in every if _says_again(one)]
    if not differences:
        return _alone(new)
    most = max(one.weight for one in differences)
    likest = sorted(
        (one for one in differences if one.weight == most), key=lambda one: (one.old.known, one.old.accession)
    )
    if any(not _continues(earlier.old, later.old) for earlier, later in pairwise(likest)):
        return _one_of(likest, found)
    return told(likest[-1], found, _first(likest[-1].old, [one.old for one in differences]))


def told(one: Difference, found: Found | None, original: Accession | None = None) -> Amends:
    """What is to be said of an amendment that amends the filing of *one*; *original*: the first of its chain."""
    what, reason = effect(one)
    return Amends(
        accession=one.old.accession,
        filed=one.old.filed,
        found=found,
        effect=what,
        reason=reason,
        original=original,
        head=one.head,
        rows=one.rows,
        notes=one.notes,
        same=one.same,
        compared=one.compared,
    )


def _earlier(old: Version, new: Version) -> bool:
    """Whether *old* was known before *new*; of a set, which says no times, the day has to do."""
    if old.place < new.place:
        return True
    return (old.rounded or new.rounded) and not old.amendment and old.filed <= new.filed


def _named(one: Difference) -> bool:
    """Whether the filing is of the day that the amendment names, by one of its owners, or a version of such a filing.

    One owner's filings of a day can be several: an earlier amendment of the day is a version if it says the same rows.
    """
    old, new = one.old, one.new
    if new.amends is None or new.ciks.isdisjoint(old.ciks):
        return False
    return old.filed == new.amends or (old.amends == new.amends and _sure(one, holds=not new.traded))


def _says_again(one: Difference) -> bool:
    """Whether rows tell of a filing that was not named: by one of the owners, or, if all is repeated, by others.

    Holdings tell nothing: each filing says them again.
    """
    others = one.old.ciks.isdisjoint(one.new.ciks)
    return _sure(one, holds=False) and (not others or (one.old.filed == one.new.amends and not one.rows))


def _sure(one: Difference, *, holds: bool) -> bool:
    """Whether a transaction is repeated for sure, or, if that *holds*, what is held."""
    return any(
        pair.tie is not Tie.OPEN for table in one.tables for pair in table.pairs if holds or not table.holds(pair)
    )


def _continues(earlier: Version, later: Version) -> bool:
    """Whether *later* is a version of *earlier*."""
    return later.amendment and later.amends in (earlier.filed, earlier.amends)


def _first(old: Version, versions: Sequence[Version]) -> Accession | None:
    """The filing with which the chain of *old*, an amendment, begins; None: *old* is no amendment, or it is unknown."""
    if not old.amendment:
        return None
    firsts = [one for one in versions if not one.amendment and _continues(one, old)]
    if len(firsts) > 1:
        weights = {one.accession: difference(one, old).weight for one in firsts}
        firsts = [one for one in firsts if weights[one.accession] == max(weights.values())]
    return firsts[0].accession if len(firsts) == 1 else None


def _one_of(likest: Sequence[Difference], found: Found) -> Amends:
    days = {one.old.filed for one in likest}
    effects = {effect(one)[0] for one in likest}
    many = f"It can amend any of {len(likest)} filings, which match it equally"
    (what,) = effects if len(effects) == 1 else (Effect.UNCLEAR,)
    return Amends(
        accession=None,
        filed=days.pop() if len(days) == 1 else None,
        found=found,
        effect=what,
        reason=f"{many}." if what is Effect.UNCLEAR else f"{many}; whichever it is, it {what}.",
        candidates=tuple(one.old.accession for one in likest[:_TOLD]),
    )


def _alone(new: Version) -> Amends:
    what, reason = effect_alone(new)
    return Amends(accession=None, filed=new.amends, found=None, effect=what, reason=reason, compared=False)
