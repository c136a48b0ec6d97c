"""Rules: the list, and what can be done with one of it beside editing it."""

from functools import partial

from service.control import resources, ruling
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.store.listing import ResourceState
from service.web.pages import rule_editor, rule_past
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.parts import part_of, start_of

_SIZE = 50  # rules on a page
_RULE = ResourceKind.RULE


async def rules(look: Look) -> Shown:
    """What rules there are, how they stand and how often they rang."""
    text, wanted = look.query.get("text", "").strip(), look.query.get("state", "")
    which = ResourceState(wanted) if wanted in set(ResourceState) else None
    found = await ruling.overview(
        look.context.database,
        look.who.workspace,
        look.context.clock.now(),
        start_of(look.query, _SIZE),
        _SIZE,
        text=text,
        which=which,
    )
    part = part_of("/rules", look.query, _SIZE, found.total)
    return Shown(
        template="rules.html",
        values={"lines": found.lines, "part": part, "text": text, "which": which, "states": list(ResourceState)},
    )


async def switch(look: Look, *, enabled: bool) -> Moved:
    """Enable or disable it."""
    one = await resources.switch(
        look.context.database,
        look.who.actor,
        _RULE,
        look.path["rule"],
        look.context.clock.now(),
        enabled=enabled,
        expected=look.form.revision,
    )
    return Moved(to=f"/rules/{one.id}", said=f"{one.name} is {'enabled' if enabled else 'disabled'}.")


async def remove(look: Look) -> Moved:
    """Take it away."""
    one = await resources.remove(
        look.context.database,
        look.who.actor,
        _RULE,
        look.path["rule"],
        look.context.clock.now(),
        expected=look.form.revision,
    )
    return Moved(to="/rules", said=f"{one.name} is removed.")


PAGES = (
    Page(method="GET", path="/rules", name="rules", title="Rules", scope=Scope.READ, handler=rules),
    *rule_editor.PAGES,
    *rule_past.PAGES,
    *(
        Page(
            method="POST",
            path=f"/rules/{{rule}}/{verb}",
            name=f"{verb}_rule",
            title="Rule",
            scope=Scope.WRITE,
            handler=handler,
            again=rule_editor.rule,
        )
        for verb, handler in (
            ("enable", partial(switch, enabled=True)),
            ("disable", partial(switch, enabled=False)),
            ("remove", remove),
        )
    ),
)
