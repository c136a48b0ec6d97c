"""What is on the tape, part by part: by a few keys, each of which leads to its filings in their order."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, FromClause, Select, exists, func, literal, or_, select, union_all

from service.model.fact import Kind
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.tape import TapeLine
from service.names import words_of
from service.store import latest
from service.store.connection import Connection
from service.store.database import Database
from service.store.schema import party_words, rang, tape, tape_keys
from service.store.tape import SYMBOL, Facet, keys_of, line, mark

Place = tuple[datetime, Accession]
"""Where a line stands on the tape."""

MOST = 100  # companies or people that a name may mean
_LAST = "\U0010ffff"  # no letter is behind it
_FEW = 5_000  # filings; of two keys with more each, either will do to begin with


class TapeQuery(Struct, frozen=True, kw_only=True):
    """Which filings are asked for."""

    keys: tuple[tuple[str, ...], ...] = ()  # of each of these, a filing has one
    form: str | None = None
    kinds: frozenset[Kind] = frozenset()  # of which a row is one; empty: whatever they are
    rang: WorkspaceId | None = None  # for which it rang; None: whether it rang or not
    worth: int | None = None  # USD, its largest sum at least; None: whatever it is
    since: datetime | None = None
    until: datetime | None = None  # before that


async def page(database: Database, sought: TapeQuery, limit: int, behind: Place | None = None) -> list[TapeLine]:
    """The latest *limit* lines that are *sought*, or those next *behind* one."""
    ways = [_Way.of_keys(keys) for keys in sought.keys]
    if sought.rang is not None:
        ways.append(_Way.of_rung(sought.rang))
    async with database.reading() as connection:
        first = await _shortest(connection, ways) if len(ways) > 1 else next(iter(ways), None)
        query = _query(sought, first, [way for way in ways if way is not first], limit, behind)
        return [line(row) for row in await connection.execute(query)]


def meets(one: TapeLine, sought: TapeQuery) -> bool:
    """Whether *one* is sought, but for whether it rang."""
    keys = set(keys_of(one))
    return (
        all(not keys.isdisjoint(group) for group in sought.keys)
        and sought.form in (None, one.form)
        and (not sought.kinds or not sought.kinds.isdisjoint(one.kinds))
        and (sought.worth is None or (one.worth is not None and one.worth >= sought.worth))
        and (sought.since is None or one.accepted >= sought.since)
        and (sought.until is None or one.accepted < sought.until)
    )


async def listed(database: Database, symbol: str) -> list[str]:
    """The keys of up to `MOST` companies that have filed under *symbol*."""
    query = select(party_words.c.key).where(party_words.c.word == f"{SYMBOL}{symbol}").limit(MOST)
    async with database.reading() as connection:
        return list((await connection.execute(query)).scalars())


async def named(database: Database, facet: Facet, text: str) -> list[str]:
    """The keys of up to `MOST` and one more with a name whose words begin as those of *text*."""
    words = sorted(words_of(text), key=len, reverse=True)
    if not words:
        return []
    of_facet = party_words.c.key.between(f"{facet.value}:", f"{facet.value}:{_LAST}")
    query = select(party_words.c.key).distinct().where(_begins(party_words, words[0]), of_facet)
    for word in words[1:]:
        other = party_words.alias()
        query = query.where(exists().where(other.c.key == party_words.c.key, _begins(other, word)))
    async with database.reading() as connection:
        return list((await connection.execute(query.limit(MOST + 1))).scalars())


class _Way:
    """A table that leads to filings, and which of its rows."""

    def __init__(self, table: FromClause, each: Sequence[ColumnElement[bool]]) -> None:
        self.table = table
        self.each = each  # the rows behind one key
        self.any = or_(*each)

    @classmethod
    def of_keys(cls, keys: tuple[str, ...]) -> "_Way":
        table = tape_keys.alias()
        return cls(table, [table.c.key == one for one in keys])

    @classmethod
    def of_rung(cls, workspace: WorkspaceId) -> "_Way":
        table = rang.alias()
        return cls(table, [table.c.workspace == workspace])


async def _shortest(connection: Connection, ways: list[_Way]) -> _Way:
    """The one of *ways* with the fewest filings on it."""
    lengths = []
    for way in ways:
        some = select(literal(1)).select_from(way.table).where(way.any).limit(_FEW).subquery()
        lengths.append(await connection.scalar(select(func.count()).select_from(some)) or 0)
    return ways[lengths.index(min(lengths))]


def _query(
    sought: TapeQuery, first: _Way | None, others: list[_Way], limit: int, behind: Place | None
) -> Select[tuple[object, ...]]:
    lines = latest.first(select(tape), _place(tape)).limit(limit)
    if first is None:
        return lines.where(*_within(tape, sought, behind), *_said(tape, sought))
    table, it = first.table, tape.alias()
    said = _said(it, sought)
    asked = [exists().where(it.c.accession == table.c.accession, *said)] if said else []
    for other in others:
        same = other.table.c.accepted == table.c.accepted, other.table.c.accession == table.c.accession
        asked.append(exists().where(other.any, *same))
    query = latest.first(select(table.c.accession).where(*asked, *_within(table, sought, behind)), _place(table))
    parts = [query.where(mine).limit(limit).subquery() for mine in first.each]
    return lines.where(tape.c.accession.in_(union_all(*(select(part.c.accession) for part in parts))))


def _place(table: FromClause) -> latest.Columns:
    return table.c.accepted, table.c.accession


def _within(table: FromClause, sought: TapeQuery, behind: Place | None) -> Iterator[ColumnElement[bool]]:
    yield from latest.behind(_place(table), behind)
    if sought.since is not None:
        yield table.c.accepted >= sought.since
    if sought.until is not None:
        yield table.c.accepted < sought.until


def _said(table: FromClause, sought: TapeQuery) -> list[ColumnElement[bool]]:
    """What is asked of a line itself: no key leads to it alone."""
    asked: list[ColumnElement[bool]] = []
    if sought.form is not None:
        asked.append(table.c.form == sought.form)
    if sought.kinds:
        asked.append(or_(*(table.c.kinds.contains(mark(kind)) for kind in sorted(sought.kinds))))
    if sought.worth is not None:
        asked.append(table.c.worth >= sought.worth)
    return asked


def _begins(table: FromClause, word: str) -> ColumnElement[bool]:
    return table.c.word.between(word, f"{word}{_LAST}")
