"""A filter of the tape as people write it, and what it means."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import TypeVar

from msgspec import Struct

from consumers.language.limit import FLOORS, threshold
from consumers.language.sections import shown, unknown_value
from consumers.matcher.facts.registry import FACTS
from service.model import calendar
from service.model.errors import Fault, Faulty
from service.model.fact import Kind
from service.model.filing import central_index_key
from service.model.identity import WorkspaceId
from service.store import Database, tape, tape_search
from service.store.tape import Facet, key
from service.store.tape_search import MOST, TapeQuery

T = TypeVar("T")

FORMS = ("4", "4/A")
_DIGITS = re.compile(r"\d{1,10}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Filter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which filings are asked for: those for which everything holds that is given."""

    ticker: str | None = None  # of the company, as it files it
    cik: str | None = None  # of the company
    company: str | None = None  # its ticker, its CIK, or how words of its name begin
    owner: str | None = None  # a CIK, or how words of the name begin
    kind: str | None = None  # of a row, such as purchase; several parted by commas
    form: str | None = None  # 4 or 4/A
    worth: str | None = None  # US dollars that were bought or sold, or that granted options cost, at least: $1m
    since: str | None = None  # a day (Eastern), or a time with its zone
    until: str | None = None  # likewise; a day is included whole
    rang: bool = False  # only where a rule of the workspace rang


async def sought(database: Database, workspace: WorkspaceId, wanted: Filter) -> TapeQuery | None:
    """What *wanted* means; None: nobody is of the name that it names.

    Raises Faulty, with the name of each field that cannot be used.
    """
    read = _Reading(wanted)
    parties = [
        await read.looked_up("ticker", partial(_ticker, database)),
        read.of("cik", _cik(Facet.ISSUER)),
        await read.looked_up("company", partial(company, database)),
        await read.looked_up("owner", partial(_owner, database)),
    ]
    kinds, worth, form = read.of("kind", _kinds), read.of("worth", _dollars), read.of("form", _form)
    since, until = read.of("since", _since), read.of("until", _until)
    if read.faults:
        raise Faulty("the filter cannot be used:", tuple(read.faults))
    if [] in parties:
        return None
    rare = tape.keys_of_kinds(kinds or ()), tape.keys_of_worth(worth or 0, kinds or ()), tape.keys_of_form(form)
    return TapeQuery(
        keys=tuple(tuple(group) for group in (*parties, *rare) if group),
        form=form,
        kinds=frozenset(kinds or ()),
        rang=workspace if wanted.rang else None,
        worth=worth,
        since=since,
        until=until,
    )


class _Reading:
    """Reads the fields of a filter, and collects what is wrong with them."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self.faults: list[Fault] = []

    def of(self, field: str, read: Callable[[str], T]) -> T | None:
        """What *read* makes of *field*; None: nothing stands in it, or what cannot be used."""
        with self._collected(field):
            text = self._text(field)
            return read(text) if text else None

    async def looked_up(self, field: str, look: Callable[[str], Awaitable[T]]) -> T | None:
        """The same, for what is looked up."""
        with self._collected(field):
            text = self._text(field)
            return await look(text) if text else None

    def _text(self, field: str) -> str:
        given: str | None = getattr(self._wanted, field)
        return (given or "").strip()

    @contextmanager
    def _collected(self, field: str) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            self.faults.append(Fault((field,), str(error)))


async def _ticker(database: Database, text: str) -> list[str]:
    return await tape_search.listed(database, text.upper())


async def company(database: Database, text: str) -> list[str]:
    """What the tape has the filings of a company by: of its CIK, its ticker (in capital letters) or words of its name.

    None of it: nobody is called so. Raises ValueError where too many are.
    """
    if _DIGITS.fullmatch(text):
        return _cik(Facet.ISSUER)(text)
    listed = await _ticker(database, text)
    if listed and (text.isupper() or len(text) == 1):
        return listed
    return sorted({*listed, *await _named(database, Facet.ISSUER, "companies", text)})


async def _owner(database: Database, text: str) -> list[str]:
    return _cik(Facet.OWNER)(text) if _DIGITS.fullmatch(text) else await _named(database, Facet.OWNER, "people", text)


async def _named(database: Database, facet: Facet, who: str, text: str) -> list[str]:
    found = await tape_search.named(database, facet, text)
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} {who} have such a name: write more of it")
    return found


def _cik(facet: Facet) -> Callable[[str], list[str]]:
    return lambda text: [key(facet, central_index_key(text))]


def _kinds(text: str) -> list[Kind]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Kind)]
    if unknown:
        raise ValueError(unknown_value(unknown[0], (kind.value for kind in Kind), "kind"))
    return [Kind(name) for name in dict.fromkeys(names)]


def _form(text: str) -> str:
    form = text.upper()
    if form not in FORMS:
        raise ValueError(f"write {' or '.join(FORMS)}")
    return form


def _dollars(text: str) -> int:
    if not any(map(str.isdecimal, text)):
        raise ValueError(f"{shown(text)} is not an amount: write $500k or $1.5m")
    found = threshold(FACTS["value"], text)
    if found.comparison not in FLOORS or not isinstance(found.limit, Decimal):
        raise ValueError("this is a least amount: write $500k or $1.5m")
    return int(found.limit.to_integral_value(ROUND_CEILING))


def _since(text: str) -> datetime:
    return _moment(text, timedelta())


def _until(text: str) -> datetime:
    return _moment(text, timedelta(days=1))


def _moment(text: str, behind: timedelta) -> datetime:
    """A time, or the midnight (Eastern) that a day begins with, or that is *behind* it."""
    try:
        if _DAY.fullmatch(text):
            return calendar.at(date.fromisoformat(text) + behind, calendar.MIDNIGHT)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError("write a day such as 2025-03-05, or a time such as 2025-03-05T15:00:00Z") from None
    if found.tzinfo is None:
        raise ValueError("a time has its zone: 2025-03-05T15:00:00Z")
    return found
