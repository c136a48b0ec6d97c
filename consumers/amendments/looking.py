"""What amendments amend, looked up in what is kept of the past."""

from collections.abc import Callable, Iterable, Sequence

import structlog

from consumers.amendments.difference import difference
from consumers.amendments.linking import amends, told
from consumers.amendments.version import Version
from service.model.amendment import Amends, Effect
from service.model.filing import Accession
from service.model.parsed import ParsedFiling
from service.store import Database, amended, kept
from service.store.amended import AmendmentKey
from service.wire import decode

log = structlog.get_logger()


async def looked_up(database: Database, news: Sequence[Version], ahead: Iterable[Version] = ()) -> list[Amends]:
    """What each of *news* amends, as far as it is kept, or among those *ahead*, which are about to be.

    One question for all of them, and one more for each whose day has nothing that it may amend.
    """
    ahead = [*ahead, *news]
    named = [Version.of_past(past) for past in await amended.named(database, [asked(new) for new in news])]
    return [await _one(database, new, _on(new, [*named, *ahead])) for new in news]


async def amended_by(database: Database, old: Version) -> list[tuple[Version, Amends]]:
    """Every amendment of *old* that is kept, in their order, and what each changes there."""
    news = [Version.of_past(past) for past in await amended.amendments(database, asked(old))]
    whole = [await _whole(database, new) for new in sorted(news, key=lambda new: new.place)]
    found = await looked_up(database, whole, [old])
    return [
        (new, one)
        for new, one in zip(whole, found, strict=True)
        if old.accession in (one.accession, one.original, *one.candidates)
    ]


def asked(version: Version) -> AmendmentKey:
    """What is asked of the past for *version*."""
    return AmendmentKey(
        accession=version.accession,
        issuer=version.issuer,
        owners=version.ciks,
        day=version.amends,
        known=version.known,
    )


def _on(new: Version, versions: Iterable[Version]) -> dict[Accession, Version]:
    """Those on the same company, each once: the one with more of its texts, or else with all digits."""
    found: dict[Accession, Version] = {}
    for one in versions:
        known = found.get(one.accession)
        if one.issuer == new.issuer and one.accession != new.accession:
            better = known is None or (one.whole, not one.rounded) > (known.whole, not known.rounded)
            found[one.accession] = one if better or known is None else known
    return found


async def _one(database: Database, new: Version, before: dict[Accession, Version]) -> Amends:
    found = _compared(new, lambda: amends(new, before.values()))
    if found.accession is None and not found.candidates and new.traded:
        before = _on(new, map(Version.of_past, await amended.recent(database, asked(new))))
        found = _compared(new, lambda: amends(new, before.values()))
    if found.accession is None:
        return found
    old = before[found.accession]
    whole = await _whole(database, old)
    if whole is old:
        return found
    return _compared(new, lambda: told(difference(whole, new), found.found, found.original))


def _compared(new: Version, comparing: Callable[[], Amends]) -> Amends:
    """What *comparing* tells; a fault in it hurts nothing but the answer."""
    try:
        return comparing()
    except Exception:
        log.exception("amendment_not_compared", accession=new.accession)
        reason = "It could not be compared: a fault of this version, which the log tells."
        return Amends(accession=None, filed=new.amends, found=None, effect=Effect.UNCLEAR, reason=reason)


async def _whole(database: Database, version: Version) -> Version:
    """*version* with its footnotes and remarks, where its document is kept."""
    value = None if version.whole else await kept.find(database, version.accession)
    return version if value is None else Version.of(decode(value, ParsedFiling), version.known)
