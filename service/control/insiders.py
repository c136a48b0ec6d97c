"""Insiders by name, as people write it, and which may have been meant where none fits, or several do."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from msgspec import Struct

from service.model.errors import NotFound
from service.model.filing import Cik
from service.names import folded, words_of
from service.store import Database, history_walk
from service.store.history_walk import WhichFilings, owner_names

_SHORTEST = 2  # letters by which a first name can be short for another: Al, Ed
_NEAR = 0.75  # how like a name must be to be offered
_OFFERED = 6


class KnownOwner(Struct, frozen=True, kw_only=True):
    """An owner, and one of the names that filings gave them."""

    cik: Cik
    name: str


async def insider(database: Database, name: str, *, no_ticker: str) -> Cik:
    """The one owner of whom a filing of the past has this *name*.

    Raises NotFound with those who may have been meant; *no_ticker* says why it is no company's ticker.
    """
    known = [KnownOwner(cik=Cik(f"{cik:010d}"), name=called) async for cik, called in owner_names(database)]
    found = fitting(known, name)
    if len(found) == 1:
        return next(iter(found))
    if found:
        shown = [await _shown(database, cik, called) for cik, called in list(found.items())[:_OFFERED]]
        more = [f"and {len(found) - _OFFERED:,} more"] if len(found) > _OFFERED else []
        listed = "\n  ".join((*shown, *more))
        raise NotFound(f"{len(found):,} owners fit {name!r}: give the CIK, or more of the name\n  {listed}")
    if not known:
        raise NotFound(
            f"{name!r} is no CIK, {no_ticker}, and no filings of the past are here yet: `filingbell history import` "
            "brings the SEC's quarterly sets"
        )
    near = "".join(f"\n  {called} (CIK {int(cik)})" for cik, called in nearest(known, name).items())
    likely = f"; the nearest are{near}" if near else ""
    raise NotFound(
        f"{name!r} is no CIK, {no_ticker}, and no filing of the past has this symbol or owner's name{likely}"
    )


def fitting(known: Iterable[KnownOwner], name: str) -> Mapping[Cik, str]:
    """Those who are called *name*, in any order of its words: by just these, else by more, else by words that begin so.

    >>> fitting([Known(cik=Cik("0001214156"), name="COOK TIMOTHY D")], "Tim Cook")
    {'0001214156': 'COOK TIMOTHY D'}
    """
    wanted = words_of(name)
    among = [(one, words_of(one.name)) for one in known]
    for fits in (wanted.__eq__, wanted.__le__, lambda words: _begin(wanted, words)):
        found = {one.cik: one.name for one, words in among if fits(words)}
        if found and wanted:
            return found
    return {}


def nearest(known: Iterable[KnownOwner], name: str) -> Mapping[Cik, str]:
    """Those whose names are most like *name*, whatever the order of its words."""
    by_words = {" ".join(sorted(folded(one.name).split())): one for one in known}
    like = get_close_matches(" ".join(sorted(folded(name).split())), by_words, _OFFERED, _NEAR)
    return {by_words[words].cik: by_words[words].name for words in like}


def _begin(wanted: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each word that is *wanted* is one of *words*, or begins one."""
    return all(any(_short_for(word, whole) for whole in words) for word in wanted)


def _short_for(word: str, whole: str) -> bool:
    return word == whole or (len(word) >= _SHORTEST and whole.startswith(word))


async def _shown(database: Database, cik: Cik, name: str) -> str:
    """*name*, and of which company its last filing is."""
    latest = await history_walk.latest(database, WhichFilings(owner=cik), 1)
    where = f", {latest[0].company}" if latest and latest[0].company else ""
    return f"{name} (CIK {int(cik)}{where})"
