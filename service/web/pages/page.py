"""A page as data: routes, navigation and the tests of who may see what are made from one table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from service.control.audit import AskedBy
from service.model.person import Scope
from service.web.auth import Asker
from service.web.context import Context
from service.web.pages.form import NOTHING_SENT, FormFields, SentForm

Also: TypeAlias = Callable[[web.StreamResponse], None]  # such as to set a cookie


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A request for a page that may be shown."""

    context: Context
    asker: Asker | None = None  # None: nobody is signed in, on a page that is for anyone
    path: Mapping[str, str] = field(default_factory=dict)  # what stands in the places of the page's path
    query: Mapping[str, str] = field(default_factory=dict)  # of a name that is given twice, the first
    form: FormFields = field(default_factory=FormFields)  # what was sent; of a GET: empty
    sent: SentForm = NOTHING_SENT  # a form that is shown again because something in it is wrong
    address: str = ""  # where the request comes from
    browser: str | None = None  # "Firefox on Linux"; None: it has not said what it is
    start: str = "/"  # where somebody goes who has signed in
    is_part: bool = False  # htmx asks for a part of the page

    @property
    def who(self) -> Asker:
        """Who asks, on a page that needs a scope."""
        assert self.asker is not None
        return self.asker

    @property
    def asked(self) -> AskedBy:
        """Who asks, and when, as the log of changes has it."""
        return AskedBy(by=self.who.actor, at=self.context.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A template and what stands in it."""

    template: str  # below templates/
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    also: Also | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Go on to another page (303), as after each form that was right."""

    to: str  # a path of this service
    said: str = ""  # what the next page says once, such as "Rule saved."
    also: Also | None = None


Handler: TypeAlias = Callable[[Look], Awaitable[Shown | Moved]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One thing that a browser can ask for."""

    method: str
    path: str  # such as /rules/{rule}; never one of the API's
    name: str  # unique
    title: str
    scope: Scope | None  # None: for anyone
    handler: Handler
    again: Handler | None = None  # what shows a form that was sent and cannot be taken: it has `Look.sent`
