"""Channels: how each fares, its settings with its own help, a test, and what can be done about what it is owed."""

from functools import partial

from msgspec import Struct

from consumers.dispatcher.channels.webhook import Signature
from service.control import channel_desk, deliveries, resources, sampling
from service.control.channel_forms import change_channel, entered_of, open_channel
from service.control.channel_kinds import ChannelKind, kind, kinds
from service.control.rotating import public_keys, rotate
from service.model.delivery import DeliveryState, Reason
from service.model.errors import NotFound
from service.model.person import Scope
from service.model.resource import ResourceKind
from service.store.ledger import Chosen, Try
from service.web.pages import prose, told
from service.web.pages.deliveries import companies_of
from service.web.pages.page import Look, Moved, Page, Shown
from service.words import counted

_CHANNEL = ResourceKind.CHANNEL
_LATELY = 10  # deliveries on a channel's page


class Tested(Struct, frozen=True, kw_only=True):
    """What came of a test."""

    taken: bool
    answer: Try
    reason: str
    advice: str


async def channels(look: Look) -> Shown:
    """Every channel, and how it fares."""
    now = look.context.clock.now()
    found = await channel_desk.desks(look.context.database, look.who.workspace, now)
    lines = [(one, told.of_channel(one, now)) for one in found]
    return Shown(template="channels.html", values={"lines": lines, "kinds": kinds()})


async def new(look: Look) -> Shown:
    """A channel that is not made yet: of which kind it is to be, and then its settings."""
    wanted = look.form.text("type") or look.query.get("type", "")
    if not wanted:
        return Shown(template="channel-kinds.html", values={"kinds": kinds()})
    of = kind(wanted)
    return Shown(template="channel-new.html", values={"of": of, "help": prose.blocks(of.help)})


async def make(look: Look) -> Shown | Moved:
    """Make it; a signing secret that was made with it is shown this once."""
    of, form, context = kind(look.form.text("type")), look.form, look.context
    made, secret = await open_channel(
        context.database,
        context.vault,
        look.who.actor,
        of,
        form.text("name"),
        _entered(look, of),
        context.clock.now(),
        egress=context.settings.egress,
    )
    if secret is not None:
        return await _shown(look, made.id, secret=secret)
    return Moved(to=f"/channels/{made.id}", said=f"{made.name} is saved. Send a test to see whether it works.")


async def channel(look: Look) -> Shown:
    """One channel."""
    return await _shown(look, look.path["channel"])


async def change(look: Look) -> Shown | Moved:
    """Have it be as it was entered."""
    context = look.context
    before = await resources.find(context.database, look.who.workspace, _CHANNEL, look.path["channel"])
    after = await change_channel(
        context.database,
        context.vault,
        look.who.actor,
        before,
        look.form.text("name"),
        _entered(look, kind(before.section["type"])),
        context.clock.now(),
        expected=look.form.revision,
        egress=context.settings.egress,
    )
    said = "Nothing was changed." if after.revision == before.revision else f"{after.name} is saved."
    return Moved(to=f"/channels/{after.id}", said=said)


async def test(look: Look) -> Moved:
    """Send a sample, and go where it stands what came of it."""
    context, named = look.context, look.path["channel"]
    one = await resources.find(context.database, look.who.workspace, _CHANNEL, named)
    alert, _ = await sampling.send_to(
        context.database, context.vault, context.settings, look.who.workspace, one.id, context.clock
    )
    return Moved(to=f"/channels/{one.id}?test={alert.id}")


async def switch(look: Look, *, enabled: bool) -> Moved:
    """Send to it, or send nothing."""
    one = await resources.switch(
        look.context.database,
        look.who.actor,
        _CHANNEL,
        look.path["channel"],
        look.context.clock.now(),
        enabled=enabled,
        expected=look.form.revision,
    )
    said = "is enabled, and what waits is sent." if enabled else "is disabled; what it is owed waits."
    return Moved(to=f"/channels/{one.id}", said=f"{one.name} {said}")


async def another_secret(look: Look) -> Shown:
    """Sign with a new secret as well, or a key pair; what the receiver needs of it is shown this once."""
    context, wanted = look.context, look.form.text("signature")
    one, secret = await rotate(
        context.database,
        context.vault,
        look.who.actor,
        look.path["channel"],
        context.clock.now(),
        signature=Signature(wanted) if wanted in list(Signature) else None,
        expected=look.form.revision,
        egress=context.settings.egress,
    )
    return await _shown(look, one.id, secret=secret)


async def flush(look: Look) -> Moved:
    """Try now what waits for it."""
    one = await resources.find(look.context.database, look.who.workspace, _CHANNEL, look.path["channel"])
    now = look.context.clock.now()
    count = await deliveries.flush(look.context.database, look.who.workspace, one.id, now, asked=look.asked)
    return Moved(to=f"/channels/{one.id}", said=f"{counted(count, 'delivery', 'deliveries')} tried now, oldest first.")


async def resend(look: Look) -> Moved:
    """Send again what was given up."""
    one = await resources.find(look.context.database, look.who.workspace, _CHANNEL, look.path["channel"])
    again = await deliveries.resend(
        look.context.database, Chosen(channels=(one.id,)), delivered=False, asked=look.asked
    )
    return Moved(to=f"/channels/{one.id}", said=told.of_resent(again))


async def acknowledge(look: Look) -> Moved:
    """Let what was given up count no more."""
    one = await resources.find(look.context.database, look.who.workspace, _CHANNEL, look.path["channel"])
    now = look.context.clock.now()
    seen = await deliveries.acknowledge(look.context.database, Chosen(channels=(one.id,)), now, asked=look.asked)
    count = counted(sum(seen.values()), "delivery", "deliveries")
    return Moved(to=f"/channels/{one.id}", said=f"{count} acknowledged; they can still be sent again.")


async def remove(look: Look) -> Moved:
    """Take it away; what it is owed is kept."""
    one = await resources.remove(
        look.context.database,
        look.who.actor,
        _CHANNEL,
        look.path["channel"],
        look.context.clock.now(),
        expected=look.form.revision,
    )
    return Moved(to="/channels", said=f"{one.name} is removed.")


def _entered(look: Look, of: ChannelKind) -> dict[str, str]:
    """What was entered for each setting."""
    return {one.name: look.form.secret(one.name) for one in of.settings}


async def _shown(look: Look, named: str, *, secret: str | None = None) -> Shown:
    database, workspace, now = look.context.database, look.who.workspace, look.context.clock.now()
    desk = await channel_desk.desk(database, workspace, named, now)
    lately = await deliveries.page(database, workspace, Chosen(channels=(desk.channel.id,)), _LATELY)
    return Shown(
        template="channel.html",
        values={
            "desk": desk,
            "told": told.of_channel(desk, now),
            "entered": entered_of(desk.kind, desk.channel.section),
            "help": prose.blocks(desk.kind.help),
            "lately": [(one, told.of_delivery(one)) for one in lately],
            "companies": await companies_of(look, lately),
            "tested": await _tested(look, desk.channel.id),
            "secret": secret,
            "public_keys": public_keys(look.context.vault, desk.channel),
        },
    )


async def _tested(look: Look, channel: str) -> Tested | None:
    """What came of the test that the address names; None: it names none that is kept."""
    message = look.query.get("test")
    if not message:
        return None
    try:
        way = await deliveries.one(look.context.database, look.who.workspace, message, channel)
    except NotFound:
        return None
    if not way.tries:
        return None
    reason = Reason(way.delivery.reason) if way.delivery.reason in set(Reason) else Reason.RECEIVED
    return Tested(
        taken=way.delivery.state is DeliveryState.DELIVERED,
        answer=way.tries[-1],
        reason=told.reason(reason),
        advice=sampling.ADVICE[reason],
    )


PAGES = (
    Page(method="GET", path="/channels", name="channels", title="Channels", scope=Scope.READ, handler=channels),
    Page(method="GET", path="/channels/new", name="new_channel", title="New channel", scope=Scope.WRITE, handler=new),
    Page(
        method="POST",
        path="/channels/new",
        name="make_channel",
        title="New channel",
        scope=Scope.WRITE,
        handler=make,
        again=new,
    ),
    Page(method="GET", path="/channels/{channel}", name="channel", title="Channel", scope=Scope.READ, handler=channel),
    Page(
        method="POST",
        path="/channels/{channel}",
        name="change_channel",
        title="Channel",
        scope=Scope.WRITE,
        handler=change,
        again=channel,
    ),
    *(
        Page(
            method="POST",
            path=f"/channels/{{channel}}/{verb}",
            name=f"{verb}_channel",
            title="Channel",
            scope=Scope.WRITE,
            handler=handler,
            again=channel,
        )
        for verb, handler in (
            ("test", test),
            ("enable", partial(switch, enabled=True)),
            ("disable", partial(switch, enabled=False)),
            ("rotate", another_secret),
            ("flush", flush),
            ("resend", resend),
            ("acknowledge", acknowledge),
            ("remove", remove),
        )
    ),
)
