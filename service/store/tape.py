"""The tape: written with the matching of a filing, and forgotten with it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, bindparam, delete, exists, select, update

from service.model.fact import Kind
from service.model.filing import Accession, Cik
from service.model.flag import FlagCode
from service.model.tape import Insider, TapeLine
from service.names import words_of
from service.store.database import Database, Transaction
from service.store.schema import matchings, messages, parties, party_words, rang, tape, tape_keys

SYMBOL = "$"  # what a company's symbols begin with, among its words
_LARGE = 6  # a sum with as many noughts has a key; smaller ones are not rare
_LARGEST = 12  # of as many or more
_COMMON = frozenset(  # of so many filings that they are found by looking at the latest: they need no key
    {Kind.PURCHASE, Kind.SALE, Kind.AWARD, Kind.OPTION_GRANT, Kind.EXERCISE, Kind.EXERCISE_SHARES, Kind.WITHHOLDING}
)
_MOST_DOLLARS = 10**18  # what a column can hold; filers write any number


class Facet(StrEnum):
    """What a filing is found by."""

    ISSUER = "issuer"  # its CIK
    OWNER = "owner"  # likewise, of each
    KIND = "kind"  # each of its rows that is rare
    FORM = "form"  # of an amendment
    WORTH = "worth"  # how many noughts its largest sum has: alone, and with each kind


class _Said(Struct, frozen=True, kw_only=True, array_like=True):
    """A line but for its columns; what a later version adds comes last, with a default."""

    history: bool
    issuer: Cik
    company: str | None
    symbols: tuple[str, ...]
    insiders: tuple[tuple[Cik, str | None, str | None], ...]
    told: str
    bought: Decimal | None
    sold: Decimal | None
    granted: Decimal | None
    flags: tuple[FlagCode, ...]
    index: str


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(_Said)
_NAMES = select(parties).where(parties.c.key.in_(bindparam("keys", expanding=True)))


def key(facet: Facet, value: str) -> str:
    """What filings with *value* are found by."""
    return f"{facet.value}:{value}"


def of_facet(keys: Iterable[Iterable[str]], facet: Facet) -> list[str]:
    """The values of *facet* among *keys*, in order."""
    start = key(facet, "")
    return sorted(one.removeprefix(start) for group in keys for one in group if one.startswith(start))


def keys_of_worth(least: int, kinds: Collection[Kind]) -> tuple[str, ...]:
    """By which filings with one of *kinds* (none: any) are found whose largest sum may be *least* or more.

    Empty: too many are as large.
    """
    noughts = len(str(least)) - 1
    if noughts < _LARGE:
        return ()
    each = range(min(noughts, _LARGEST), _LARGEST + 1)
    return tuple(_key_of_worth(number, kind) for number in each for kind in kinds or (None,))


def keys_of_kinds(kinds: Collection[Kind]) -> tuple[str, ...]:
    """By which filings with one of *kinds* are found; empty: one of them is common."""
    return () if not _COMMON.isdisjoint(kinds) else tuple(key(Facet.KIND, kind) for kind in kinds)


def keys_of_form(form: str | None) -> tuple[str, ...]:
    """By which filings of *form* are found; empty: it is the usual one, or none."""
    return (key(Facet.FORM, form),) if form is not None and _amends(form) else ()


def keys_of(one: TapeLine) -> Iterator[str]:
    """What *one* is found by."""
    yield key(Facet.ISSUER, one.issuer)
    for insider in one.insiders:
        yield key(Facet.OWNER, insider.cik)
    for kind in one.kinds:
        if kind not in _COMMON:
            yield key(Facet.KIND, kind)
    if _amends(one.form):
        yield key(Facet.FORM, one.form)
    dollars = _dollars(one)
    if dollars is not None and dollars >= 10**_LARGE:
        noughts = min(len(str(dollars)) - 1, _LARGEST)
        for each in (None, *one.kinds):
            yield _key_of_worth(noughts, each)


def _key_of_worth(noughts: int, kind: Kind | None) -> str:
    return key(Facet.WORTH, f"{noughts}:{kind.value}" if kind else str(noughts))


def mark(kind: Kind) -> str:
    """How *kind* stands among those of a filing."""
    return f" {kind.value} "


async def add(tx: Transaction, lines: Sequence[TapeLine]) -> None:
    """Put *lines* on the tape; of a filing that is read again, the first stays."""
    if not lines:
        return
    accepted = [tx.instant(one.accepted) for one in lines]
    await tx.load(tape, [_row(one, at, tx.instant(one.published)) for one, at in zip(lines, accepted, strict=True)])
    keys = [(found, at, one.accession) for one, at in zip(lines, accepted, strict=True) for found in keys_of(one)]
    await tx.load(tape_keys, keys)
    names = {party: name for one in lines for party, name in _named(one)}
    known = {row.key: row.name for row in await tx.execute(_NAMES, {"keys": list(names)})}
    new = {party: name for party, name in names.items() if known.get(party) != name}
    if new:
        await _name(tx, new, known)


async def ring(tx: Transaction, rung: Iterable[tuple[TapeLine, str]]) -> None:
    """Keep which filings rang for which workspaces."""
    rows = [{"accession": one.accession, "workspace": workspace, "accepted": one.accepted} for one, workspace in rung]
    if rows:
        await tx.add(rang, rows)


async def lacking(database: Database, accessions: Collection[Accession]) -> dict[Accession, datetime]:
    """Those of *accessions* that were matched, and when, and are not on the tape."""
    there = exists().where(tape.c.accession == matchings.c.accession)
    query = select(matchings.c.accession, matchings.c.at).where(matchings.c.accession.in_(accessions), ~there)
    async with database.reading() as connection:
        return {Accession(row.accession): row.at for row in await connection.execute(query)}


async def ring_again(tx: Transaction, lines: Sequence[TapeLine]) -> None:
    """Keep for which workspaces *lines* rang, as their alerts tell."""
    known = {one.accession: one for one in lines}
    query = select(messages.c.accession, messages.c.workspace).distinct()
    rows = await tx.execute(query.where(messages.c.accession.in_(known)))
    await ring(tx, [(known[Accession(row.accession)], row.workspace) for row in rows])


async def find(database: Database, accession: Accession) -> TapeLine | None:
    """The line of *accession*; None: it is not on the tape."""
    async with database.reading() as connection:
        row = (await connection.execute(select(tape).where(tape.c.accession == accession))).one_or_none()
        return None if row is None else line(row)


async def several(database: Database, accessions: Collection[Accession]) -> dict[Accession, TapeLine]:
    """The lines of those of *accessions* that are on the tape."""
    async with database.reading() as connection:
        found = await connection.execute(select(tape).where(tape.c.accession.in_(accessions)))
        return {Accession(row.accession): line(row) for row in found}


async def forget(tx: Transaction, accessions: Collection[Accession]) -> None:
    """Take *accessions* off the tape, and with them the names of those of whom nothing else is on it."""
    lines = [line(row) for row in await tx.execute(select(tape).where(tape.c.accession.in_(accessions)))]
    if not lines:
        return
    mine = (tape_keys.c.key == bindparam("one"), tape_keys.c.accepted == bindparam("at"))
    these = delete(tape_keys).where(*mine, tape_keys.c.accession == bindparam("filing"))
    keys = [{"one": found, "at": one.accepted, "filing": one.accession} for one in lines for found in keys_of(one)]
    await tx.execute(these, keys)
    for table in (rang, tape):
        await tx.execute(delete(table).where(table.c.accession.in_(accessions)))
    gone = {party for one in lines for party, _ in _named(one)}
    left = exists().where(tape_keys.c.key == parties.c.key)
    over = list((await tx.execute(select(parties.c.key).where(parties.c.key.in_(gone), ~left))).scalars())
    for column in (party_words.c.key, parties.c.key):
        await tx.execute(delete(column.table).where(column.in_(over)))


def line(row: Row[Any]) -> TapeLine:
    """The line that stands in *row* of the tape."""
    said = _decoder.decode(row.line)
    return TapeLine(
        accession=Accession(row.accession),
        accepted=row.accepted,
        published=row.published,
        form=row.form,
        history=said.history,
        issuer=said.issuer,
        company=said.company,
        symbols=said.symbols,
        insiders=tuple(Insider(cik=cik, name=name, role=role) for cik, name, role in said.insiders),
        kinds=tuple(map(Kind, row.kinds.split())),
        told=said.told,
        bought=said.bought,
        sold=said.sold,
        granted=said.granted,
        flags=said.flags,
        index=said.index,
    )


def _row(one: TapeLine, accepted: Any, published: Any) -> tuple[Any, ...]:
    """Its columns, in their order."""
    said = _Said(
        history=one.history,
        issuer=one.issuer,
        company=one.company,
        symbols=one.symbols,
        insiders=tuple((insider.cik, insider.name, insider.role) for insider in one.insiders),
        told=one.told,
        bought=one.bought,
        sold=one.sold,
        granted=one.granted,
        flags=one.flags,
        index=one.index,
    )
    kinds = f" {' '.join(one.kinds)} "
    return one.accession, accepted, published, one.form, kinds, _dollars(one), _encoder.encode(said)


def _dollars(one: TapeLine) -> int | None:
    return None if one.worth is None else int(min(one.worth, Decimal(_MOST_DOLLARS)))


def _amends(form: str) -> bool:
    return form.endswith("/A")


def _named(one: TapeLine) -> Iterator[tuple[str, str]]:
    """The keys of those in it that have a name, and these; a company's with its symbols, by which it is found too."""
    listed = "".join(f" {SYMBOL}{symbol}" for symbol in one.symbols)
    if one.company or listed:
        yield key(Facet.ISSUER, one.issuer), f"{one.company or ''}{listed}"
    for insider in one.insiders:
        if insider.name:
            yield key(Facet.OWNER, insider.cik), insider.name


async def _name(tx: Transaction, new: Mapping[str, str], known: Iterable[str]) -> None:
    """Keep the names *new*, and what they are found by; the words of a former name go on finding it.

    In one order, so that no two matchers wait for each other.
    """
    changed = [{"party": party, "latest": new[party]} for party in sorted(known) if party in new]
    if changed:
        mine = parties.c.key == bindparam("party")
        await tx.execute(update(parties).where(mine).values(name=bindparam("latest")), changed)
    await tx.add(parties, [{"key": party, "name": name} for party, name in sorted(new.items())])
    words = sorted((word, party) for party, name in new.items() for word in _words(name))
    if words:
        await tx.add(party_words, [{"word": word, "key": party} for word, party in words])


def _words(name: str) -> set[str]:
    return {*words_of(name), *(one for one in name.split() if one.startswith(SYMBOL))}
