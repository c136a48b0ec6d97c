"""Rules in an editor: made, changed, and held against the latest filings before that."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from msgspec import Struct, structs

from consumers.language import form as rule_form
from consumers.language.sections import fault_of_name
from consumers.matcher.facts.registry import FACTS
from service.control import preview, resources, ruling, silences
from service.control.recent import Recent, recent
from service.control.tallied import Backtest
from service.model.errors import Fault, Faulty
from service.model.person import Scope
from service.model.resource import Resource, ResourceKind
from service.web.pages import audit, editing
from service.web.pages.editing import NAME, Editor, Wanted
from service.web.pages.form import SentForm
from service.web.pages.histogram import Histogram, histogram
from service.web.pages.page import Look, Moved, Page, Shown

_RULE = ResourceKind.RULE
_OFFERED = 100  # names to choose from; YAML takes any
_DRAFT = "draft"  # what a rule is called while it has no name


class Tried(Struct, frozen=True, kw_only=True):
    """What came of what an editor asks for, short of making it."""

    asks: tuple[str, ...] | None = None  # in words; None: it was not read
    recent: Recent | None = None  # None: it was not held against the latest filings
    past: Backtest | None = None  # None: nor against the past
    figure: Histogram | None = None  # None: it would not have rung there


_UNTRIED = Tried()


async def new(look: Look) -> Shown:
    """An empty editor, or one with the rule that the address names in YAML."""
    if look.sent.why:
        return await _shown(look, "rule-new.html", editing.as_sent(look.form))
    text = look.query.get("document", "")
    editor, tried = await asyncio.to_thread(editing.drafted, look.query.get("name", ""), text), _UNTRIED
    if text and not editor.placed:
        asked = await asyncio.to_thread(editing.asked, editor)
        try:
            tried = await _tried(look, asked)
        except Faulty as error:
            _, placed = editing.faults_of(asked, error.faults)
            editor = structs.replace(editor, placed=placed)
    return await _shown(look, "rule-new.html", editor, tried)


async def made(look: Look) -> Shown | Moved:
    """Make the rule, or show what it would be."""
    return await _edited(look, "/rules/new", "rule-new.html", None)


async def rule(look: Look) -> Shown:
    """One rule: what it asks for, when it rang, and who changed it; in an editor, where it may be changed."""
    return await _of_rule(look)


async def changed(look: Look) -> Shown | Moved:
    """Change the rule, or show what it would be."""
    one = await resources.find(look.context.database, look.who.workspace, _RULE, look.path["rule"])
    return await _edited(look, f"/rules/{one.id}", "rule.html", one)


async def facts(look: Look) -> Shown:
    """What can be asked of a filing, narrowed by text."""
    text = look.query.get("text", "").strip()
    return Shown(template="facts.html", values={"facts": _facts(text), "text": text})


async def _of_rule(look: Look, editor: Editor | None = None, tried: Tried = _UNTRIED) -> Shown:
    """The page of a rule, with *editor* in it; None: as it stands, or as it was sent."""
    found = await ruling.told(look.context.database, look.who.workspace, look.path["rule"], look.context.clock.now())
    history = await audit.lines(look, found.changes)
    stands = editing.opened(found.line.rule.name, found.settings)
    if editor is None and editing.YAML in look.form:
        editor = editing.as_sent(look.form)
    elif editor is None:
        editor, tried = stands, Tried(asks=found.line.asks)
    database, workspace, now = look.context.database, look.who.workspace, look.context.clock.now()
    muted = await silences.muting(database, workspace, found.line.rule.id, now)
    return await _shown(look, "rule.html", editor, tried, told=found, stands=stands, history=history, muted=muted)


async def _shown(look: Look, template: str, editor: Editor, tried: Tried = _UNTRIED, **more: Any) -> Shown:
    watchlists, channels = await ruling.referable(look.context.database, look.who.workspace)
    values = {
        "editor": editor,
        "fields": rule_form.fields(),
        "names": {
            "watchlist": _offered(watchlists, editor.typed.get("watchlist", ())),
            "exclude": _offered(watchlists, editor.typed.get("exclude", ())),
            "channels": _offered(channels, editor.typed.get("channels", ())),
        },
        "more": {
            "watchlist": len(watchlists) > _OFFERED,
            "exclude": len(watchlists) > _OFFERED,
            "channels": len(channels) > _OFFERED,
        },
        "tried": tried,
        "facts": _facts(""),
        "sent": look.sent,
    }
    return Shown(template=template, values=values | more)


async def _edited(look: Look, action: str, template: str, before: Resource | None) -> Shown | Moved:
    """What was asked for by the button that was pressed; what cannot be read is shown again as it was typed."""
    do = look.form.text("do")
    asked: Wanted | None = None
    try:
        side = do if do in ("form", "yaml") else ""
        asked = await asyncio.to_thread(editing.wanted, look.form, side=side)  # YAML takes a while to be read
        if do == "save":
            return await _saved(look, asked, before)
        tried = await _tried(look, asked, do)
    except Faulty as error:
        faults, placed = editing.faults_of(asked, error.faults) if asked else (error.faults, ())
        why = "The rule was not saved." if do == "save" else "This is no rule yet."
        again = replace(look, sent=SentForm(action, look.form, why, faults))
        editor = editing.as_sent(look.form, faults, placed)
        page = await (_of_rule(again, editor) if before else _shown(again, template, editor))
        return replace(page, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    editor = editing.agreeing(look.form, asked)
    return await (_of_rule(look, editor, tried) if before else _shown(look, template, editor, tried))


async def _tried(look: Look, asked: Wanted, do: str = "") -> Tried:
    """What it asks for; what to *do* says whether it is held against the latest filings, or against the past."""
    context, workspace = look.context, look.who.workspace
    name = _DRAFT if fault_of_name(asked.name) else asked.name
    asks = await preview.read_as(context.database, context.vault, workspace, name, asked.content, context.clock.now())
    if do == "past":
        past = await context.backtests.of_draft(workspace, name, asked.content)
        return Tried(asks=asks, past=past, figure=histogram(past))
    if do != "preview":
        return Tried(asks=asks)
    found = await recent(context.database, context.vault, workspace, name, asked.content, context.clock)
    return Tried(asks=asks, recent=found)


async def _saved(look: Look, asked: Wanted, before: Resource | None) -> Moved:
    context, actor, now = look.context, look.who.actor, look.context.clock.now()
    if wrong := fault_of_name(asked.name):
        raise Faulty("The rule cannot be saved.", (Fault((NAME,), wrong),))
    if before is None:
        one = await resources.add(context.database, context.vault, actor, _RULE, asked.name, asked.content, now)
        return Moved(to=f"/rules/{one.id}", said=f"{one.name} is saved, and rings from now on.")
    one = await resources.edit(
        context.database,
        context.vault,
        actor,
        _RULE,
        before.id,
        now,
        content=asked.content,
        name=asked.name,
        expected=look.form.revision,
    )
    return Moved(to=f"/rules/{one.id}", said=f"{one.name} is saved.")


def _offered(names: Sequence[str], chosen: Sequence[str]) -> list[rule_form.Choice]:
    """The first of *names*, and those behind them that are *chosen*."""
    behind = set(names[_OFFERED:]) & {*chosen}
    return [rule_form.Choice(word=one) for one in (*names[:_OFFERED], *sorted(behind))]


def _facts(text: str) -> list[Any]:
    """The facts with every word of *text* in their name, meaning, unit or words."""
    wanted = text.casefold().split()
    described = (
        (fact, f"{fact.name} {fact.meaning} {fact.unit or ''} {' '.join(fact.words or ())} {fact.type}".casefold())
        for fact in FACTS.values()
    )
    return [fact for fact, said in described if all(word in said for word in wanted)]


PAGES = (
    Page(method="GET", path="/rules/new", name="new_rule", title="New rule", scope=Scope.WRITE, handler=new),
    Page(
        method="POST", path="/rules/new", name="make_rule", title="New rule", scope=Scope.WRITE, handler=made, again=new
    ),
    Page(method="GET", path="/rules/facts", name="facts", title="Facts", scope=Scope.READ, handler=facts),
    Page(method="GET", path="/rules/{rule}", name="rule", title="Rule", scope=Scope.READ, handler=rule),
    Page(
        method="POST",
        path="/rules/{rule}",
        name="change_rule",
        title="Rule",
        scope=Scope.WRITE,
        handler=changed,
        again=rule,
    ),
)
