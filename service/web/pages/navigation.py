"""Where one can go from every page: those of the table that whoever asks may see."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from service.web.auth import Asker
from service.web.pages.page import Page

_MAIN = (
    ("/", "Tape"),
    ("/alerts", "Alerts"),
    ("/rules", "Rules"),
    ("/watchlists", "Watchlists"),
    ("/channels", "Channels"),
    ("/trust", "Trust"),
)
_OWN = (
    ("/account", "Account"),
    ("/people", "People"),
    ("/tokens", "Tokens"),
    ("/audit", "Audit log"),
)
_WORKSPACES = "/workspaces"
_BELOW = {
    "/": ("/filings", "/companies", "/insiders"),
    "/alerts": ("/why", "/deliveries"),
    "/channels": ("/silences",),
    "/people": ("/accounts",),
}  # what belongs to a page, besides what is below it


class PageLink(Struct, frozen=True, kw_only=True):
    """A page to go to."""

    path: str
    label: str
    is_here: bool  # it is shown now, or what is shown belongs to it


def places(pages: Sequence[Page], asker: Asker | None, here: str) -> dict[str, Sequence[PageLink]]:
    """The main pages, those about oneself and the instance, and the one of workspaces, for *asker* at *here*."""
    seen = {page.path for page in pages if page.method == "GET" and _may(asker, page)}

    def those(table: Iterable[tuple[str, str]]) -> Sequence[PageLink]:
        return [PageLink(path=path, label=label, is_here=_is_here(path, here)) for path, label in table if path in seen]

    return {"main": those(_MAIN), "own": those(_OWN), "workspaces": those([(_WORKSPACES, "Workspaces")])}


def start(pages: Sequence[Page]) -> str:
    """Where somebody goes who has signed in."""
    there = {page.path for page in pages if page.method == "GET"}
    return next((path for path, _ in (*_MAIN, *_OWN) if path in there), "/")


def _may(asker: Asker | None, page: Page) -> bool:
    return asker is not None and (page.scope is None or page.scope in asker.scopes)


def _is_here(path: str, here: str) -> bool:
    return any(_is_below(one, here) for one in (path, *_BELOW.get(path, ())))


def _is_below(path: str, here: str) -> bool:
    return here == path or (path != "/" and here.startswith(f"{path}/"))
