"""What moves on a page, as data: the parts that are added to it as they come."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from service.control.feed import Feed, Numbered
from service.control.feeds import Feeds
from service.model.person import Scope
from service.web.pages.page import Look, Shown

T = TypeVar("T", bound=Numbered)

Showing: TypeAlias = Callable[[T], Shown | None]  # None: it is not what was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Live(Generic[T]):
    """The rows of a page that come by themselves."""

    path: str  # such as /live/alerts; its query is the page's
    name: str
    scope: Scope
    feed: Callable[[Feeds], Feed[T]]
    shows: Callable[[Look], Awaitable[Showing[T]]]  # once for each that follows: how it is shown a thing

    async def position(self, look: Look) -> int:
        """Where the page stands: ask before reading what the page shows, so that nothing comes between unseen."""
        return await self.feed(look.context.feeds).stands()
