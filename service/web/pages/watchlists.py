"""Watchlists: the list, and one of them with what each entry stands for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from service.control import entries, putting, resources, watching
from service.control.importing import Imported, import_rows
from service.control.portfolio import rows_of
from service.model.errors import ConfigError, Fault, Faulty
from service.model.person import Scope
from service.model.resource import Resource, ResourceKind
from service.web.pages import audit
from service.web.pages.form import FormFields, SentForm
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.parts import part_of, start_of
from service.web.pages.uploads import text_of
from service.words import counted

_SIZE, _ENTRIES = 20, 100  # watchlists on a page, and entries
_MOST_OWNERS = 10_000  # that are added at once
_LIST = ResourceKind.WATCHLIST
_NAME, _PORTFOLIO, _FILE, _OWNERS = "name", "portfolio", "file", "owners"  # fields


async def every(look: Look) -> Shown:
    """What watchlists there are, and whether anything is to be looked at."""
    text = look.query.get("text", "").strip()
    found = await watching.overview(
        look.context.database, look.who.workspace, start_of(look.query, _SIZE), _SIZE, text=text
    )
    part = part_of("/watchlists", look.query, _SIZE, found.total)
    return Shown(template="watchlists.html", values={"lines": found.lines, "part": part, "text": text})


async def new(look: Look) -> Shown:
    """An empty form."""
    return Shown(template="watchlist-new.html", values={"sent": look.sent})


async def made(look: Look) -> Shown | Moved:
    """Make a watchlist of a portfolio and of persons."""
    return await _imported(look, look.form.text(_NAME), "/watchlists/new")


async def one(look: Look) -> Shown:
    """What each entry stands for today."""
    only = look.query.get("look") == "yes"
    found = await watching.told(
        look.context.database,
        look.who.workspace,
        look.path["watchlist"],
        start_of(look.query, _ENTRIES),
        _ENTRIES,
        text=look.query.get("text", ""),
        only_to_look_at=only,
    )
    part = part_of(f"/watchlists/{found.watchlist.id}", look.query, _ENTRIES, found.total)
    values = {
        "told": found,
        "history": await audit.lines(look, found.changes),
        "part": part,
        "text": look.query.get("text", ""),
        "only": only,
        "sent": look.sent,
    }
    return Shown(template="watchlist.html", values=values)


async def imported(look: Look) -> Shown | Moved:
    """Put a portfolio on it."""
    found = await _found(look)
    return await _imported(look, found.name, f"/watchlists/{found.id}/import", found)


async def put(look: Look) -> Moved:
    """Add an entry."""
    return await _changed(look, putting.put, "added")


async def take(look: Look) -> Moved:
    """Remove an entry."""
    return await _changed(look, putting.take, "removed")


async def _changed(look: Look, change: Callable[..., Awaitable[Resource]], done: str) -> Moved:
    entry = look.form.text("entry")
    found = await change(
        look.context.database,
        look.context.vault,
        look.who.actor,
        look.path["watchlist"],
        _key(look.form),
        entry,
        look.context.clock.now(),
        left_out="yes" in look.form.all("left_out"),
        expected=look.form.revision,
    )
    return Moved(to=f"/watchlists/{found.id}", said=f"{entry} is {done}.")


async def accept(look: Look) -> Moved:
    """Follow one ticker that has moved, or all of them."""
    wanted = [one for one in look.form.all("ticker") if one]
    found, moved = await entries.accept(
        look.context.database,
        look.who.actor,
        look.path["watchlist"],
        wanted,
        look.context.clock.now(),
        expected=look.form.revision,
    )
    told = ", ".join(f"{one.ticker} now stands for {one.after.name}" for one in moved)
    return Moved(to=f"/watchlists/{found.id}", said=f"{told}." if told else "No ticker has moved.")


async def rename(look: Look) -> Moved:
    """Call it something else; its rules go on with it."""
    found = await resources.edit(
        look.context.database,
        look.context.vault,
        look.who.actor,
        _LIST,
        look.path["watchlist"],
        look.context.clock.now(),
        name=look.form.text(_NAME),
        expected=look.form.revision,
    )
    return Moved(to=f"/watchlists/{found.id}", said=f"It is called {found.name} now.")


async def remove(look: Look) -> Moved:
    """Take it away."""
    found = await resources.remove(
        look.context.database,
        look.who.actor,
        _LIST,
        look.path["watchlist"],
        look.context.clock.now(),
        expected=look.form.revision,
    )
    return Moved(to="/watchlists", said=f"{found.name} is removed.")


async def _found(look: Look) -> Resource:
    return await resources.find(look.context.database, look.who.workspace, _LIST, look.path["watchlist"])


def _key(form: FormFields) -> str:
    """Below which key the entry stands that is sent; raises Faulty."""
    key = form.text("key")
    if key not in putting.KEYS:
        raise Faulty("The entry cannot be used.", (Fault(("key",), "choose what it is"),))
    return key


async def _imported(look: Look, name: str, action: str, before: Resource | None = None) -> Shown | Moved:
    """Import what was pasted or uploaded; a file that cannot be placed comes back as text, so that it can be mended."""
    form = look.form
    try:
        uploaded = text_of(form.files[_FILE], _FILE) if form.files.get(_FILE) else ""
        form = replace(form, fields={**form.fields, _PORTFOLIO: [uploaded]}) if uploaded else form
        found = await _import(look, form, name, only_new=before is None)
    except (Faulty, ConfigError) as error:
        faults = [_at_its_field(one) for one in error.faults] or [Fault((_PORTFOLIO,), str(error))]
        sent = SentForm(action, form, str(error).partition("\n")[0], faults)
        again = replace(look, form=form, sent=sent)
        page = await (one(again) if before else new(again))
        return replace(page, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return Moved(to=f"/watchlists/{found.watchlist.id}", said=_said(found))


async def _import(look: Look, form: FormFields, name: str, *, only_new: bool) -> Imported:
    if not name:
        raise Faulty("The watchlist was not made.", (Fault((_NAME,), "it needs a name"),))
    text = next(iter(form.all(_PORTFOLIO)), "")
    owners = [one.strip() for one in form.text(_OWNERS).splitlines() if one.strip()]
    if len(owners) > _MOST_OWNERS:
        raise Faulty("Nothing was imported.", (Fault((_OWNERS,), f"there are at most {_MOST_OWNERS:,} at once"),))
    return await import_rows(
        look.context.database,
        look.context.vault,
        look.who.actor,
        name,
        await asyncio.to_thread(rows_of, text, "portfolio") if text.strip() else [],
        look.context.clock.now(),
        partly="yes" in form.all("partly"),
        replace="yes" in form.all("replace"),
        owners=owners,
        only_new=only_new,
    )


def _at_its_field(fault: Fault) -> Fault:
    """Lines of the portfolio stand with it; what the watchlist itself is told of, by its key."""
    path: tuple[Any, ...] = fault.path
    if path[:1] == ("watchlists",):
        key = path[2] if len(path) > 2 else _NAME
        return Fault((_OWNERS if key == _OWNERS else _NAME if key == _NAME else _PORTFOLIO,), fault.message)
    if path[:1] in ((_NAME,), (_FILE,)) and len(path) == 1 and "no line" not in fault.message:
        return fault
    return Fault((_PORTFOLIO, *path) if path != (_FILE,) else (_PORTFOLIO,), fault.message)


def _said(found: Imported) -> str:
    there = f", {found.there:,} there already or twice" if found.there else ""
    out = f", {counted(found.unplaced_count, 'line')} left out" if found.unplaced_count else ""
    unchecked = "; the SEC's list has not come yet, so nothing was checked" if found.list_of is None else ""
    return f"{counted(found.new, 'new entry', 'new entries')}{there}{out}{unchecked}."


def _post(verb: str, name: str, handler: Any) -> Page:
    return Page(
        method="POST",
        path=f"/watchlists/{{watchlist}}/{verb}",
        name=name,
        title="Watchlist",
        scope=Scope.WRITE,
        handler=handler,
        again=one,
    )


PAGES = (
    Page(method="GET", path="/watchlists", name="watchlists", title="Watchlists", scope=Scope.READ, handler=every),
    Page(
        method="GET",
        path="/watchlists/new",
        name="new_watchlist",
        title="New watchlist",
        scope=Scope.WRITE,
        handler=new,
    ),
    Page(
        method="POST",
        path="/watchlists/new",
        name="make_watchlist",
        title="New watchlist",
        scope=Scope.WRITE,
        handler=made,
        again=new,
    ),
    Page(
        method="GET",
        path="/watchlists/{watchlist}",
        name="watchlist",
        title="Watchlist",
        scope=Scope.READ,
        handler=one,
    ),
    _post("import", "import_into_watchlist", imported),
    _post("add", "add_entry", put),
    _post("take", "take_entry", take),
    _post("accept", "accept_ticker", accept),
    _post("rename", "rename_watchlist", rename),
    _post("remove", "remove_watchlist", remove),
)
