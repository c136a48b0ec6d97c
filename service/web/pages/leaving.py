"""Unsubscribe: somebody who is told by mail has it stop, by the link in it and without an account.

Mail programs do so by themselves with one POST (RFC 8058); whoever only follows the link is asked first.
"""

from service.control import leaving
from service.web.pages.page import Look, Page, Shown


async def unsubscribe(look: Look) -> Shown:
    """Show what the link stops; programs that follow links in mails stop nothing."""
    context = look.context
    channel, recipient = await leaving.told_by(context.database, context.vault, look.path["secret"])
    return Shown(template="unsubscribe.html", values={"recipient": recipient, "is_over": not channel.enabled})


async def unsubscribed(look: Look) -> Shown:
    """Stop it. A mail program wants 200, and no other address."""
    context = look.context
    recipient = await leaving.leave(context.database, context.vault, look.path["secret"], context.clock.now())
    return Shown(template="unsubscribe.html", values={"recipient": recipient, "is_over": True})


_PATH = "/unsubscribe/{secret}"

PAGES = (
    Page(method="GET", path=_PATH, name="unsubscribe", title="Unsubscribe", scope=None, handler=unsubscribe),
    Page(method="POST", path=_PATH, name="unsubscribed", title="Unsubscribe", scope=None, handler=unsubscribed),
)
