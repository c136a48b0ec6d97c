"""For each endpoint of the table, a request that an admin may send: what a test does with all of them."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from service.web.endpoint import Endpoint
from tests.web.desk import Web


class Example(Struct, frozen=True, kw_only=True):
    """A request to an endpoint."""

    path: str  # with what is in the workspace in its places
    body: Any = None
    headers: dict[str, str] = {}


async def _none(_desk: Web, _token: str) -> dict[str, str]:
    return {}


async def _a_token(desk: Web, token: str) -> dict[str, str]:
    made = await desk.ask("POST", "/api/v1/tokens", token, {"name": "CANARY token", "scopes": ["read"]})
    return {"token": made.content["token"]["id"]}


_THERE: dict[str, Callable[[Web, str], Awaitable[dict[str, str]]]] = {"revoke_token": _a_token}
_BODIES: dict[str, Any] = {"add_token": {"name": "CANARY made", "scopes": ["read"]}}


async def example(desk: Web, token: str, endpoint: Endpoint) -> Example:
    """A request to *endpoint* about what whoever has *token* has just made."""
    there = await _THERE.get(endpoint.name, _none)(desk, token)
    headers = {"If_Match": "*"} if endpoint.changes else {}
    return Example(path=f"/api/v1{endpoint.path.format(**there)}", body=_BODIES.get(endpoint.name), headers=headers)
