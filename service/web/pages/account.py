"""One's own account."""

from service.model.person import Scope
from service.web.pages.page import Look, Page, Shown


async def account(look: Look) -> Shown:
    """Who is signed in, and what they may do here."""
    signed = look.who.signed
    assert signed is not None
    return Shown(template="account.html", values={"person": signed.person, "role": signed.role})


PAGES = (Page(method="GET", path="/account", name="account", title="Account", scope=Scope.READ, handler=account),)
