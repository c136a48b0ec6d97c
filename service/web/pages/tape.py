"""The tape: every filing in a line, the latest first, as they come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from consumers.language import yamlfile
from service.control import tape, tape_draft
from service.control.feeds import Feeds
from service.control.tape import Filter, Place, TapeEntry
from service.control.tape_feed import TapeEvent
from service.model import calendar
from service.model.errors import Faulty
from service.model.fact import USUAL_FIRST, Kind
from service.model.person import Scope
from service.model.tape import TapeLine
from service.web.pages.live import Live, Showing
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.paging import behind, part

_SIZE = 50  # filings on a page
_GIVEN = frozenset({Kind.EXERCISE, Kind.CONVERSION})
_BROUGHT = frozenset({Kind.EXERCISE_SHARES})  # goes without saying beside what it came of
_FIELDS = ("company", "owner", "kind", "worth", "since", "until")
_IN_A_RULE = {"company", "owner", "kind", "worth"}  # a rule is for what comes
_RANG = "rang"  # a box: only what rang


class Sum(Struct, frozen=True, kw_only=True):
    """The largest sum of a filing."""

    what: str  # bought, sold, or what it costs to exercise what was granted
    dollars: Decimal


class TapeRow(Struct, frozen=True, kw_only=True):
    """A filing as the page shows it."""

    entry: TapeEntry
    kinds: Sequence[Kind]  # the one that most ask for first
    sum: Sum | None  # None: it states none

    @property
    def line(self) -> TapeLine:
        """What it says."""
        return self.entry.line


class EmptyTape(Struct, frozen=True, kw_only=True):
    """Why nothing is on the tape yet."""

    opens: datetime | None  # when EDGAR takes filings again; None: it does now
    wrong: Sequence[str]  # what keeps filings from coming


async def shown(look: Look) -> Shown | Moved:
    """The filings that the address asks for; what a form leaves empty goes out of the address."""
    asked = Narrowing("/", look.query)
    if not look.is_part and not all(look.query.values()):
        return Moved(to=asked.address)
    return await _shown(look, asked)


async def _shown(look: Look, asked: Narrowing) -> Shown:
    entries: Sequence[TapeEntry] = ()
    following = None
    after = await TAPE.position(look)
    last: Place | None = behind(asked.cursor, Place)
    try:
        found = await tape.search(look.context.database, look.who.workspace, _filter(asked), _SIZE + 1, last)
    except Faulty as error:
        asked.faults |= {str(fault.path[0]): fault.message for fault in error.faults}
    else:
        entries, following = part(found, _SIZE, lambda one: (one.line.accepted, one.line.accession))
    values = {
        "rows": [row_of(entry) for entry in entries],
        "asked": asked,
        "elsewhere": list(_elsewhere(asked, [entry.line for entry in entries])),
        "kinds": USUAL_FIRST,
        "may_save": bool(asked.typed.keys() & _IN_A_RULE) and not asked.faults and Scope.WRITE in look.who.scopes,
        "next": asked.next(following),
        "waiting": None if entries or asked or asked.first else await _waiting(look),
        "live": None if asked.first or asked.faults else f"/live/tape?{urlencode(asked.typed)}",
        "after": after,
    }
    return Shown(template="tape.html", values=values, also=partial(_address, asked.address))


def _address(address: str, response: web.StreamResponse) -> None:
    """What htmx puts into the address bar, where it asks for a part."""
    response.headers["HX-Push-Url"] = address


async def saved(look: Look) -> Moved:
    """Go on to a rule that rings where the filter lets through; there it is looked at, and made."""
    context, wanted = look.context, _filter(_sent(look))
    draft = await tape_draft.drafted(context.database, context.vault, look.who.actor, wanted, context.clock.now())
    query = urlencode({"name": draft.name, "document": yamlfile.written(draft.content)})
    said = f"The rule watches the watchlist {draft.watchlist}." if draft.watchlist else ""
    return Moved(to=f"/rules/new?{query}", said=said)


async def _again(look: Look) -> Shown:
    """The tape, with why the filter cannot be saved."""
    return await _shown(look, _sent(look))


async def _shows(look: Look) -> Showing[TapeEvent]:
    """Each filing that the page's address asks for, when it comes, and again when it rings."""
    workspace = look.who.workspace
    lets_through = await tape.sieve(look.context.database, workspace, _filter(Narrowing("/", look.query)))

    def show(told: TapeEvent) -> Shown | None:
        entry = told.entry_for(workspace)
        if entry is None or not lets_through(entry):
            return None
        return Shown(template="tape/row.html", values={"row": row_of(entry)})

    return show


def _sent(look: Look) -> Narrowing:
    """The filter that was sent to be saved."""
    return Narrowing("/", {name: look.form.text(name) for name in (*_FIELDS, _RANG)})


def _filter(asked: Narrowing) -> Filter:
    return Filter(rang=asked.text(_RANG) == "yes", **{name: asked.text(name) for name in _FIELDS})


def _elsewhere(asked: Narrowing, lines: Sequence[TapeLine]) -> Iterator[tuple[str, str]]:
    """The pages of the company and the insider that are asked for, where all *lines* are of one."""
    companies = {line.issuer: line.company or line.issuer for line in lines}
    people = {line.insiders[0].cik: line.insiders[0].name or line.insiders[0].cik for line in lines}
    for name, path, found in (("company", "/companies", companies), ("owner", "/insiders", people)):
        if asked.text(name) and len(found) == 1:
            ((cik, called),) = found.items()
            yield f"{path}/{cik}", f"{called} over the years"


def row_of(entry: TapeEntry) -> TapeRow:
    """*entry* as the page shows it."""
    line = entry.line
    sums = (("bought", line.bought), ("sold", line.sold), ("to exercise", line.granted))
    stated = [Sum(what=what, dollars=dollars) for what, dollars in sums if dollars]
    given = _GIVEN & set(line.kinds)
    kinds = sorted((one for one in line.kinds if one not in _BROUGHT or not given), key=USUAL_FIRST.index)
    return TapeRow(entry=entry, kinds=kinds, sum=max(stated, key=lambda one: one.dollars, default=None))


async def _waiting(look: Look) -> EmptyTape:
    now = look.context.clock.now()
    wrong = await look.context.looks.conditions()
    return EmptyTape(
        opens=None if calendar.is_open(now) else calendar.opens_after(now),
        wrong=[one.headline for one in wrong if one.workspace is None],
    )


TAPE = Live(path="/live/tape", name="live_tape", scope=Scope.READ, feed=Feeds.tape, shows=_shows)

PAGES = (
    Page(method="GET", path="/", name="tape", title="Tape", scope=Scope.READ, handler=shown),
    Page(
        method="POST",
        path="/filters/save",
        name="save_filter",
        title="Tape",
        scope=Scope.WRITE,
        handler=saved,
        again=_again,
    ),
)
