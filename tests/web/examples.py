"""For each endpoint of the table, a request that an admin may send: what a test does with all of them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import update

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.model.dead import DeadLetter
from service.model.delivery import DeliveryState, Obligation, Reason
from service.model.errors import UnusableReason as Unusable
from service.model.filing import Original
from service.model.identity import ChannelId, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.parsed import ParsedFiling
from service.model.person import Role, Scope
from service.model.resource import ResourceKind
from service.store import Database, deliveries, history, letters, messages, schema, tape
from service.store.letters import WhichLetters
from service.web.endpoint import BASE, Endpoint
from service.wire import encode
from service.wire.topics import Topic, parsed_event
from tests.control.desk import seen
from tests.kit.documents import ACCESSION, a_document, a_filing, a_row, an_alert
from tests.kit.filings import a_filing_event, now
from tests.web.askers import somebody
from tests.web.desk import Web

WEBHOOK = {"type": "webhook", "url": "http://127.0.0.1:9/CANARY", "secrets": "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ"}
COMPANY, INSIDER = "0009900001", "0009800001"  # of the filing that came
SECTIONS: dict[str, dict[str, Any]] = {
    "channel": WEBHOOK,
    "watchlist": {"tickers": ["CNRY"], "owners": ["CANARY owner"]},
    "rule": {"kinds": "purchase", "watchlist": "CANARY watchlist", "channels": "CANARY channel"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "channel": WEBHOOK | {"url": "http://127.0.0.1:9/CANARY2"},
    "watchlist": {"tickers": ["CNRY", "AAPL"]},
    "rule": SECTIONS["rule"] | {"kinds": "sale"},
}
_KINDS = [str(kind) for kind in ResourceKind]
BODIES: dict[str, Any] = {
    "add_token": {"name": "CANARY made", "scopes": ["admin"]},
    "change_operations": {"channels": ["CANARY channel"]},
    "add_workspace": {"name": "CANARY workspace made"},
    "rename_workspace": {"name": "CANARY workspace renamed"},
    "change_person": {"role": "viewer"},
    "change_account": {"disabled": True},
    "add_invitation": {"name": "CANARY invited made", "role": "viewer"},
    "validate_rule": {"settings": {"kinds": "purchase", "channels": "desk"}},
    "preview_rule": {"settings": {"kinds": "purchase", "channels": "desk"}, "filing": ACCESSION},
    "preview_rule_on_recent": {"settings": {"kinds": "purchase", "channels": "desk"}, "count": 10},
    "backtest_draft": {"settings": {"kinds": "purchase", "channels": "desk"}, "since": "2024-01-01"},
    "resend_deliveries": {"since": "2024-01-01T00:00:00Z"},
    "add_entry": {"key": "tickers", "entry": "CNRZ"},
    "add_silence": {"tickers": ["CNRY"], "reason": "CANARY reason", "ends": (now() + timedelta(days=1)).isoformat()},
    "remove_entry": {"key": "owners", "entry": "CANARY owner"},
    "accept_tickers": {"tickers": []},
    "import_portfolio": {"watchlist": "CANARY import", "text": "AAPL\nMSFT\n"},
    **{f"add_{kind}": {"name": f"CANARY new {kind}", "settings": SECTIONS[kind]} for kind in _KINDS},
    **{f"change_{kind}": {"settings": CHANGED[kind]} for kind in _KINDS},
}


async def a_filing_came(database: Database) -> None:
    """A purchase, parsed, on the tape and in the past."""
    parsed = ParsedFiling(filing=a_filing(), document=a_document(a_row()))
    async with database.transaction() as tx:
        tx.emit(parsed_event(parsed, now()))
        await tape.add(tx, [line_of(Subject.of(parsed.filing, parsed.document), now())])
        await history.add(tx, [parsed], now())


class Example(Struct, frozen=True, kw_only=True):
    """A request to an endpoint."""

    path: str  # with what is in the workspace in its places
    body: Any = None
    headers: dict[str, str] = {}


async def an_alert_came(database: Database, workspace: WorkspaceId, channel: str, number: int = 0) -> str:
    """An alert on a filing, given up for *channel* after one try; returns its id."""
    at = now() + timedelta(seconds=number)
    alert = replace(an_alert(a_row()), id=str(uuid4()), workspace=workspace, rule="CANARY rule")
    message = Message(
        id=alert.id,
        kind=MessageKind.ALERT,
        workspace=workspace,
        value=encode(alert),
        accession=alert.filing.accession,
        rule="CANARY rule",
    )
    async with database.transaction() as tx:
        await seen(tx, [ACCESSION], "published")
        await deliveries.know(tx, [channel])
        await messages.keep(tx, [message], at)
        await deliveries.keep(tx, [(alert.id, Obligation(channel=ChannelId(channel), due=at))], at)
        mine = update(schema.deliveries).where(schema.deliveries.c.message == alert.id)
        await tx.execute(mine.values(state=DeliveryState.DEAD, tries=1, reason=Reason.GONE, settled=at))
        row = {
            "message": alert.id,
            "channel": channel,
            "number": 1,
            "at": at,
            "seconds": 0.1,
            "outcome": DeliveryState.DEAD,
        }
        await tx.execute(schema.attempts.insert(), row | {"status": 410, "detail": "410 Gone CANARY"})
    return alert.id


async def a_letter_came(database: Database, stage: str = "parser") -> str:
    """What *stage* could not use; returns its id."""
    event = a_filing_event(1)
    letter = DeadLetter(
        group=stage,
        reason=Unusable.MALFORMED_XML,
        message=f"<script> of {stage}",
        accession=ACCESSION,
        topic=Topic.FILINGS,
        partition=0,
        offset=1,
        id=event.id,
        key=event.key,
        original=Original.of(event.value),
        died=now(),
    )
    async with database.transaction() as tx:
        await letters.bury(tx, letter)
    return max(kept.id for kept in await letters.page(database, WhichLetters(stages=(stage,)), 9))


async def filled(desk: Web, token: str) -> dict[str, str]:
    """Put one thing of each kind into the workspace; returns the id of each. Nothing uses the spare ones."""
    made = {}
    for prefix in ("CANARY", "desk"):
        for kind in ("channel", "watchlist", "rule"):
            name = "desk" if prefix == "desk" else f"CANARY {kind}"
            body = {"name": name, "settings": SECTIONS[kind]}
            made[f"{prefix} {kind}"] = (await desk.ask("POST", f"{BASE}/{kind}s", token, body)).content["id"]
    await desk.ask("PUT", f"{BASE}/operations", token, BODIES["change_operations"], If_Match="*")
    body = {"name": "CANARY token", "scopes": ["read"]}
    made["CANARY token"] = (await desk.ask("POST", f"{BASE}/tokens", token, body)).content["token"]["id"]
    invited = {"name": "CANARY invited", "role": "viewer"}
    made["invitation"] = (await desk.ask("POST", f"{BASE}/invitations", token, invited)).content["invitation"]["id"]
    channel = made["desk channel"]
    workspace = WorkspaceId((await desk.ask("GET", f"{BASE}/me", token)).content["workspace"])
    made["person"] = (await somebody(desk, "CANARY person", Role.EDITOR, workspace)).id
    made["workspace"] = workspace
    latest = (await desk.ask("GET", f"{BASE}/changes?limit=1", token)).content["items"][0]
    made["revision"] = str(latest["revision"])
    made["alert"] = await an_alert_came(desk.context.database, workspace, channel)
    made["letter"] = await a_letter_came(desk.context.database)
    silence = await desk.ask("POST", f"{BASE}/silences", token, BODIES["add_silence"])
    made["silence"] = silence.content["id"]
    return made


async def examples(desk: Web, token: str, endpoints: Iterable[Endpoint]) -> list[tuple[Endpoint, Example]]:
    """A request to each of *endpoints* about what whoever has *token* has just made, things for all of them at once."""
    made = await filled(desk, token)
    spare = await desk.workspace("CANARY workspace")
    return [(one, _example(one, made, spare)) for one in endpoints]


def places_of(made: dict[str, str]) -> dict[str, str]:
    """What stands in the places of paths: of what can be removed, a spare one."""
    places = {kind: made[f"desk {kind}"] for kind in _KINDS}
    places |= {name: made[name] for name in ("alert", "invitation", "letter", "person", "silence")}
    places |= {"token": made["CANARY token"], "message": made["alert"], "account": made["person"]}
    places |= {"filing": ACCESSION, "accession": ACCESSION, "company": COMPANY, "insider": INSIDER}
    return places | {"revision": made["revision"], "workspace": made["workspace"]}


def _example(endpoint: Endpoint, made: dict[str, str], spare: str) -> Example:
    places = places_of(made)
    if endpoint.scope is Scope.INSTANCE:
        places["workspace"] = spare  # one's own is `default`, which keeps its name
    path = f"{BASE}{endpoint.path.format(**places)}"
    headers = {"If_Match": "*"} if endpoint.changes else {}
    return Example(path=path, body=BODIES.get(endpoint.name), headers=headers)
