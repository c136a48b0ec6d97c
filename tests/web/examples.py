"""For each endpoint of the table, a request that an admin may send: what a test does with all of them."""

from typing import Any

from msgspec import Struct

from service.model.parsed import ParsedFiling
from service.model.resource import ResourceKind
from service.store import Database
from service.web.endpoint import BASE, Endpoint
from service.wire.topics import parsed_event
from tests.kit.documents import ACCESSION, a_document, a_filing, a_row
from tests.kit.filings import now
from tests.web.desk import Web

WEBHOOK = {"type": "webhook", "url": "http://127.0.0.1:9/CANARY", "secrets": "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ"}
SECTIONS: dict[str, dict[str, Any]] = {
    "channel": WEBHOOK,
    "watchlist": {"tickers": ["CNRY"]},
    "rule": {"kinds": "purchase", "watchlist": "CANARY watchlist", "channels": "CANARY channel"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "channel": WEBHOOK | {"url": "http://127.0.0.1:9/CANARY2"},
    "watchlist": {"tickers": ["CNRY", "AAPL"]},
    "rule": SECTIONS["rule"] | {"kinds": "sale"},
}
_KINDS = [str(kind) for kind in ResourceKind]
_BODIES: dict[str, Any] = {
    "add_token": {"name": "CANARY made", "scopes": ["read"]},
    "validate_rule": {"settings": {"kinds": "purchase", "channels": "desk"}},
    "preview_rule": {"settings": {"kinds": "purchase", "channels": "desk"}, "filing": ACCESSION},
    "import_portfolio": {"watchlist": "CANARY import", "text": "AAPL\nMSFT\n"},
    **{f"add_{kind}": {"name": f"CANARY new {kind}", "settings": SECTIONS[kind]} for kind in _KINDS},
    **{f"change_{kind}": {"settings": CHANGED[kind]} for kind in _KINDS},
}


async def a_filing_came(database: Database) -> None:
    """A purchase, parsed."""
    async with database.transaction() as tx:
        tx.emit(parsed_event(ParsedFiling(filing=a_filing(), document=a_document(a_row())), now()))


class Example(Struct, frozen=True, kw_only=True):
    """A request to an endpoint."""

    path: str  # with what is in the workspace in its places
    body: Any = None
    headers: dict[str, str] = {}


async def filled(desk: Web, token: str) -> dict[str, str]:
    """Put one thing of each kind into the workspace; returns the id of each. Nothing uses the spare ones."""
    made = {}
    for prefix in ("CANARY", "desk"):
        for kind in ("channel", "watchlist", "rule"):
            name = "desk" if prefix == "desk" else f"CANARY {kind}"
            body = {"name": name, "settings": SECTIONS[kind]}
            made[f"{prefix} {kind}"] = (await desk.ask("POST", f"{BASE}/{kind}s", token, body)).content["id"]
    body = {"name": "CANARY token", "scopes": ["read"]}
    made["CANARY token"] = (await desk.ask("POST", f"{BASE}/tokens", token, body)).content["token"]["id"]
    return made


async def example(desk: Web, token: str, endpoint: Endpoint) -> Example:
    """A request to *endpoint* about what whoever has *token* has just made."""
    made = await filled(desk, token)
    spare = {kind: made[f"desk {kind}"] for kind in _KINDS}
    headers = {"If_Match": "*"} if endpoint.changes else {}
    path = endpoint.path.format(**spare, token=made["CANARY token"])
    return Example(path=f"{BASE}{path}", body=_BODIES.get(endpoint.name), headers=headers)
