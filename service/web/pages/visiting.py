"""The way into a demonstration: one press, and no password to invent."""

from service.control import people
from service.model.errors import NotFound
from service.web import auth
from service.web.guest import Guest
from service.web.pages.page import Look, Moved, Page, Shown


async def visit(look: Look) -> Shown | Moved:
    """Ask whether to come in: who only follows the link is not signed in by it."""
    _guest(look)
    return Moved(to=look.start) if look.asker is not None else Shown(template="visit.html")


async def come_in(look: Look) -> Moved:
    """Sign the guest in."""
    context, guest = look.context, _guest(look)
    _, secret = await people.opened(context.database, guest.person, context.clock.now(), look.browser)
    guest.came = True
    return Moved(to=look.start, also=lambda response: auth.sign_in(context, response, secret))


def _guest(look: Look) -> Guest:
    guest = look.context.guest
    if guest is None or not guest.shows(look.path["secret"]):
        raise NotFound("this link belongs to a demo that has ended")
    return guest


PAGES = (
    Page(method="GET", path="/visit/{secret}", name="visit", title="Demo", scope=None, handler=visit),
    Page(method="POST", path="/visit/{secret}", name="come_in", title="Demo", scope=None, handler=come_in),
)
