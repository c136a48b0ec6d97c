"""Silences: which hold, what each keeps from being sent; and muting a rule for a day."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from service.control import deliveries, resources, silences
from service.control.silences import SilenceDraft
from service.model.errors import Fault, Faulty
from service.model.identity import number_of as number_of_id
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.web.pages import rule_editor
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.people import number_of
from service.words import counted, eastern

_PATH = "/silences"
_ONE = f"{_PATH}/{{silence}}"
_SHOWN = 200
_DAY = timedelta(days=1)
_HOURS = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"), (72, "3 days"), (168, "1 week"), (720, "30 days"))
_FIELDS = ("tickers", "companies", "owners", "rules", "kinds")


async def listed(look: Look) -> Shown:
    """Those that hold, or all that are kept; and a form for another."""
    database, workspace, now = look.context.database, look.who.workspace, look.context.clock.now()
    ended = look.query.get("ended", "") == "yes"
    found = await silences.listed(database, workspace, now, _SHOWN, ended=ended)
    words = await silences.in_words(database, [one.silence for one in found])
    return Shown(
        template="silences.html",
        values={
            "lines": [(one, words[one.silence.id], one.silence.ends > now) for one in found],
            "ended": ended,
            "hours": _HOURS,
            "asked": {name: look.query.get(name, "") for name in _FIELDS},
        },
    )


async def silence(look: Look) -> Shown:
    """One silence."""
    database, now = look.context.database, look.context.clock.now()
    found = await silences.find(database, look.who.workspace, look.path["silence"])
    words = await silences.in_words(database, [found.silence])
    return Shown(
        template="silence.html",
        values={"found": found, "means": words[found.silence.id], "holds": found.silence.ends > now},
    )


async def make(look: Look) -> Moved:
    """Silence what was named."""
    form, now = look.form, look.context.clock.now()
    lasts = timedelta(hours=number_of(form.text("hours"), "hours"))
    several = {name: tuple(_parted(form.text(name))) for name in _FIELDS if name != "rules"}
    rules = (form.text("rules"),) if form.text("rules") else ()
    draft = SilenceDraft(rules=rules, reason=form.text("reason"), **several)
    with _at_its_field():
        made = await silences.add(look.context.database, look.who.actor, draft, now + lasts, now)
    return Moved(to=_PATH, said=f"Silenced until {eastern(made.ends)}. What is found until then is kept, and not sent.")


async def end(look: Look) -> Moved:
    """Let it hold no more."""
    database, now = look.context.database, look.context.clock.now()
    ended = await silences.end(database, look.who.actor, look.path["silence"], now)
    kept = (await silences.find(database, look.who.workspace, ended.id)).suppressed
    rule = look.form.text("rule")
    said = "The silence has ended." if not rule else "The rule is no longer muted."
    if kept:
        said += f" It kept {counted(kept, 'delivery', 'deliveries')} from being sent."
    return Moved(to=f"/rules/{rule}" if number_of_id(rule) else f"{_PATH}/{ended.id}", said=said)


async def send(look: Look) -> Moved:
    """Send after all what it has kept."""
    database, workspace = look.context.database, look.who.workspace
    one = (await silences.find(database, workspace, look.path["silence"])).silence
    meant = await deliveries.of_silence(database, workspace, one.id)
    again = await deliveries.resend(database, meant, delivered=False, asked=look.asked)
    count = sum(again.counts.values())
    return Moved(to=f"{_PATH}/{one.id}", said=f"{counted(count, 'delivery', 'deliveries')} sent, oldest first.")


async def mute(look: Look) -> Moved:
    """Silence all that a rule finds, for a day."""
    database, now = look.context.database, look.context.clock.now()
    rule = await resources.find(database, look.who.workspace, ResourceKind.RULE, look.path["rule"])
    draft = SilenceDraft(rules=(rule.id,), reason="muted for a day")
    made = await silences.add(database, look.who.actor, draft, now + _DAY, now)
    said = f"{rule.name} is muted until {eastern(made.ends)}: what it finds is kept, and not sent."
    return Moved(to=f"/rules/{rule.id}", said=said)


def _parted(text: str) -> Iterable[str]:
    """What stands in one field, with commas or spaces between."""
    return text.replace(",", " ").split()


@contextmanager
def _at_its_field() -> Iterator[None]:
    """What is wrong with one of several in a field is told at the field."""
    try:
        yield
    except Faulty as error:
        faults = tuple(Fault(fault.path[:1], fault.message) for fault in error.faults)
        raise Faulty("The silence cannot be made.", faults) from None


PAGES = (
    Page(method="GET", path=_PATH, name="silences", title="Silences", scope=Scope.READ, handler=listed),
    Page(method="GET", path=_ONE, name="silence", title="Silence", scope=Scope.READ, handler=silence),
    Page(
        method="POST",
        path=_PATH,
        name="make_silence",
        title="Silences",
        scope=Scope.WRITE,
        handler=make,
        again=listed,
    ),
    *(
        Page(
            method="POST",
            path=f"{_ONE}/{verb}",
            name=f"{verb}_silence",
            title="Silence",
            scope=Scope.WRITE,
            handler=handler,
            again=silence,
        )
        for verb, handler in (("end", end), ("send", send))
    ),
    Page(
        method="POST",
        path="/rules/{rule}/mute",
        name="mute_rule",
        title="Rule",
        scope=Scope.WRITE,
        handler=mute,
        again=rule_editor.rule,
    ),
)
