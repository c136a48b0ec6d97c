"""An endpoint as data: routes, the OpenAPI document and the tests of who may what are made from one table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from service.control.audit import AskedBy
from service.control.once import Once
from service.model.identity import Revision
from service.model.person import Scope
from service.web.auth import Asker
from service.web.context import Context

BASE = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that may be served."""

    context: Context
    asker: Asker
    path: Mapping[str, str] = field(default_factory=dict)  # what stands in the places of the endpoint's path
    query: Any = None  # what the endpoint's `asks` makes of it
    body: Any = None  # what its `takes` makes of it
    expected: Revision | None = None  # If-Match; None: `*`, or the endpoint changes nothing that stands
    once: Once | None = None  # None: it came without an Idempotency-Key

    @property
    def asked(self) -> AskedBy:
        """Who asks, and when, as the log of changes has it."""
        return AskedBy(by=self.asker.actor, at=self.context.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered."""

    content: Any = None  # None: nothing
    revision: Revision | None = None  # its ETag; None: it has none
    status: int | None = None  # None: the endpoint's
    location: str | None = None  # of what was made, below BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing that can be asked for."""

    method: str
    path: str  # below BASE, such as /rules/{rule}
    name: str  # its operationId
    summary: str
    scope: Scope
    handler: Callable[[Call], Awaitable[Answer]]
    asks: type[Struct] | None = None  # its query
    takes: type[Struct] | None = None  # its body
    gives: type | None = None  # its answer; None: nothing
    status: int = 200
    changes: bool = False  # what stands: it needs If-Match
    repeats: bool = False  # it may have an Idempotency-Key
