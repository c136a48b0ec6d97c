"""Rules, watchlists and channels over HTTP: made, changed and removed with nobody's change lost."""

import asyncio
from pathlib import Path

import pytest

from consumers.dispatcher.channels.webhook import signer
from service.store import Database
from service.web.endpoint import BASE
from tests.kit.documents import ACCESSION
from tests.kit.receiver import SECRET, Receiver
from tests.web.desk import Web, served
from tests.web.examples import CHANGED, SECTIONS, WEBHOOK, a_filing_came, filled

KINDS = ("channel", "watchlist", "rule")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_way_through_all_that_can_be_done(database: Database, tmp_path: Path, kind: str) -> None:
    """Made, shown, changed, disabled, enabled, removed: each step with the revision of the one before."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        made = await filled(desk, token)
        where = f"{BASE}/{kind}s/{made[f'desk {kind}']}"
        shown = await desk.ask("GET", where, token)
        again = await desk.ask("GET", where, token, If_None_Match=shown.headers["ETag"])
        changed = await desk.ask(
            "PATCH", where, token, {"name": "new", "settings": CHANGED[kind]}, If_Match=shown.headers["ETag"]
        )
        disabled = await desk.ask("POST", f"{where}/disable", token, If_Match=changed.headers["ETag"])
        enabled = await desk.ask("POST", f"{where}/enable", token, If_Match=disabled.headers["ETag"])
        removed = await desk.ask("DELETE", where, token, If_Match=enabled.headers["ETag"])
        gone = await desk.ask("GET", where, token)

    assert ("desk", "new") == (shown.content["name"], changed.content["name"])
    assert [False, True] == [one.content["enabled"] for one in (disabled, enabled)]
    assert [200, 304, 200, 200, 200, 204, 404] == [
        one.status for one in (shown, again, changed, disabled, enabled, removed, gone)
    ]


@pytest.mark.parametrize(("method", "more"), [("PATCH", ""), ("DELETE", ""), ("POST", "/enable"), ("POST", "/disable")])
@pytest.mark.parametrize("kind", KINDS)
async def test_nobodys_change_is_lost(database: Database, tmp_path: Path, kind: str, method: str, more: str) -> None:
    """Without If-Match 428, with an old one 412 and the revision that stands; nothing is changed by either."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        made = await filled(desk, token)
        where = f"{BASE}/{kind}s/{made[f'desk {kind}']}"
        old = (await desk.ask("GET", where, token)).headers["ETag"]
        await desk.ask("PATCH", where, token, {"name": "theirs"}, If_Match=old)
        body = {"name": "mine"} if method == "PATCH" else None
        missing = await desk.ask(method, f"{where}{more}", token, body)
        stale = await desk.ask(method, f"{where}{more}", token, body, If_Match=old)
        strange = await desk.ask(method, f"{where}{more}", token, body, If_Match='W/"1"')
        stands = await desk.ask("GET", where, token)

    assert [428, 412, 412] == [one.status for one in (missing, stale, strange)]
    assert ("theirs", stale.content["revision"]) == (stands.content["name"], stands.content["revision"])


async def test_secrets_go_in_and_never_come_out(database: Database, tmp_path: Path) -> None:
    """Neither when they are made nor later; what stands in their place leaves them as they are."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        made = await desk.ask("POST", f"{BASE}/channels", token, {"name": "hook", "settings": WEBHOOK})
        where = made.headers["Location"]
        listed = await desk.ask("GET", f"{BASE}/channels", token)
        kept = made.content["settings"] | {"quiet": "22:00-07:00 America/New_York"}
        changed = await desk.ask("PATCH", where, token, {"settings": kept}, If_Match="*")
        faulty = await desk.ask("PATCH", where, token, {"settings": WEBHOOK | {"secrets": "whsec_short"}}, If_Match="*")

    answers = [made, listed, changed, faulty]
    assert [201, 200, 200, 422] == [one.status for one in answers]
    assert not [one for one in answers if "CANARY" in str(one.content) or "whsec_Q0" in str(one.content)]
    assert "(secret)" == changed.content["settings"]["url"]


async def test_a_rotated_secret_is_shown_once_and_signs_beside_the_old_one(database: Database, tmp_path: Path) -> None:
    """A receiver can change over in its own time; a channel that signs nothing has nothing to rotate."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        hook = await desk.ask("POST", f"{BASE}/channels", token, {"name": "hook", "settings": WEBHOOK})
        slack = {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/CANARY"}
        await desk.ask("POST", f"{BASE}/channels", token, {"name": "slack", "settings": slack})
        first = await desk.ask("POST", f"{BASE}/channels/hook/rotate", token, If_Match=hook.headers["ETag"])
        second = await desk.ask("POST", f"{BASE}/channels/hook/rotate", token, If_Match=first.headers["ETag"])
        none = await desk.ask("POST", f"{BASE}/channels/slack/rotate", token, If_Match="*")
        stored = await resources_of(desk, "hook")
        pair = await desk.ask("POST", f"{BASE}/channels/hook/rotate?signature=v1a", token, If_Match="*")
        odd = await desk.ask("POST", f"{BASE}/channels/hook/rotate?signature=v2", token, If_Match="*")
        after = await resources_of(desk, "hook")

    assert [second.content["secret"], first.content["secret"]] == stored["secrets"]
    assert isinstance(after["secrets"], list)
    assert (signer(after["secrets"][0]).shown, second.content["secret"]) == (
        pair.content["secret"],
        after["secrets"][1],
    )
    assert 422 == odd.status
    assert (422, ["type"]) == (none.status, none.content["faults"][0]["path"])


async def test_a_sample_says_whether_a_channel_takes_it(database: Database, tmp_path: Path) -> None:
    """And is recorded like any other message."""
    async with Receiver() as receiver:
        allowed = receiver.url.removeprefix("http://")
        async with served(database, tmp_path, egress_allow=allowed) as desk:
            token = await desk.token()
            settings = WEBHOOK | {"url": f"{receiver.url}/webhook", "secrets": SECRET}
            made = await desk.ask("POST", f"{BASE}/channels", token, {"name": "hook", "settings": settings})
            tested = await desk.ask("POST", f"{BASE}/channels/hook/test", token)
            where = f"{BASE}/deliveries/{tested.content['message']}/{made.content['id']}"
            delivery = await desk.ask("GET", where, token)

    assert (True, "received") == (tested.content["taken"], tested.content["reason"])
    assert [True] == [one.content["headline"].startswith("TEST") for one in receiver.of("webhook")]
    assert ("test", "delivered") == (delivery.content["delivery"]["kind"], delivery.content["delivery"]["state"])


async def test_an_internal_address_is_refused_whoever_asks(database: Database, tmp_path: Path) -> None:
    """As it is made and as it is changed, unless the operator allows it."""
    async with served(database, tmp_path, egress_allow="127.0.0.1:9,hook.internal") as desk:
        token = await desk.token()
        made = await desk.ask("POST", f"{BASE}/channels", token, {"name": "hook", "settings": WEBHOOK})
        for host in ("169.254.169.254", "[::1]:8443", "10.0.0.1", "127.1", "localhost"):
            inside = WEBHOOK | {"url": f"https://{host}/x"}
            added = await desk.ask("POST", f"{BASE}/channels", token, {"name": "inside", "settings": inside})
            edited = await desk.ask(
                "PATCH", made.headers["Location"], token, {"settings": inside}, If_Match=made.headers["ETag"]
            )
            assert (host, 422, 422) == (host, added.status, edited.status)
        allowed = WEBHOOK | {"url": "https://hook.internal/x"}
        named = await desk.ask("POST", f"{BASE}/channels", token, {"name": "named", "settings": allowed})

    assert (201, 201) == (made.status, named.status)


async def test_faults_have_the_paths_of_the_configuration(database: Database, tmp_path: Path) -> None:
    """All of them at once; a rule can be validated before it is made."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        await filled(desk, token)
        wrong = {"kinds": "purchas", "value": "lots", "channels": "desk"}
        made = await desk.ask("POST", f"{BASE}/rules", token, {"name": "big", "settings": wrong})
        read = await desk.ask("POST", f"{BASE}/drafts/validate", token, {"name": "big", "settings": wrong})
        right = await desk.ask("POST", f"{BASE}/drafts/validate", token, {"settings": SECTIONS["rule"]})

    paths = [["rules", "big", "kinds", 0], ["rules", "big", "value"]]
    for answer in (made, read):
        assert (422, paths) == (answer.status, sorted(fault["path"] for fault in answer.content["faults"]))
    assert (200, True) == (right.status, any("purchase" in one for one in right.content["asks"]))


async def test_a_rule_is_held_against_a_filing_before_it_is_made(database: Database, tmp_path: Path) -> None:
    """With the reason; a filing that is not here is said to be missing, and nothing is made."""
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        token = await desk.token()
        await filled(desk, token)
        settings = {"kinds": "purchase", "value": ">= $1m", "channels": "desk"}
        found = await desk.ask("POST", f"{BASE}/drafts/preview", token, {"settings": settings, "filing": ACCESSION})
        rings = await desk.ask(
            "POST", f"{BASE}/drafts/preview", token, {"settings": settings | {"value": ">= $1k"}, "filing": ACCESSION}
        )
        other = {"settings": settings, "filing": "0000000001-25-000001"}
        missing = await desk.ask("POST", f"{BASE}/drafts/preview", token, other)
        nothing = await desk.ask("POST", f"{BASE}/drafts/preview", token, other | {"filing": "x"})
        rules = await desk.ask("GET", f"{BASE}/rules", token)

    assert ("false", "true") == (found.content["verdict"], rings.content["verdict"])
    assert (404, 422, ["filing"]) == (missing.status, nothing.status, nothing.content["faults"][0]["path"])
    assert ["CANARY rule", "desk"] == [one["name"] for one in rules.content["items"]]


async def test_a_list_is_read_part_by_part(database: Database, tmp_path: Path) -> None:
    """Each once, also where one is removed meanwhile; a cursor that was made up is refused."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        for number in range(7):
            body = {"name": f"list {number}", "settings": {"tickers": ["AAPL"]}}
            await desk.ask("POST", f"{BASE}/watchlists", token, body)
        first = await desk.ask("GET", f"{BASE}/watchlists?limit=3", token)
        await desk.ask("DELETE", f"{BASE}/watchlists/list 2", token, If_Match="*")
        second = await desk.ask("GET", f"{BASE}/watchlists?limit=3&cursor={first.content['next']}", token)
        third = await desk.ask("GET", f"{BASE}/watchlists?limit=3&cursor={second.content['next']}", token)
        refused = [
            (await desk.ask("GET", f"{BASE}/watchlists?{query}", token)).status
            for query in ("cursor=x", "limit=0", "limit=1001", "limit=1&limit=2", "of=3", "limit=ten")
        ]

    names = [one["name"] for part in (first, second, third) for one in part.content["items"]]
    assert [f"list {number}" for number in range(7)] == names
    assert third.content["next"] is None
    assert [422] * 6 == refused


async def test_twins_make_one_rule(either: Database, tmp_path: Path) -> None:
    """And both are told of it; without a key the second is refused, since the name is taken."""
    async with served(either, tmp_path) as desk:
        token = await desk.token()
        await filled(desk, token)
        body = {"name": "twin", "settings": SECTIONS["rule"]}
        answers = await asyncio.gather(
            *(desk.ask("POST", f"{BASE}/rules", token, body, Idempotency_Key="t-1") for _ in range(6))
        )
        third = await desk.ask("POST", f"{BASE}/rules", token, body)

    assert ({201}, 1) == ({one.status for one in answers}, len({one.content["id"] for one in answers}))
    assert 1 == len({str(one.content) for one in answers})
    assert (422, ["name"]) == (third.status, third.content["faults"][0]["path"])


async def test_a_portfolio_is_imported_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    """A hundred thousand lines in one request; what cannot be placed is told with its line."""
    lines = "\n".join(f"{number:010}" for number in range(1, 100_001))
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        whole = await desk.ask("POST", f"{BASE}/portfolios", token, {"watchlist": "all", "text": lines})
        broken = {"watchlist": "some", "text": "AAPL\n12345678901\n"}
        refused = await desk.ask("POST", f"{BASE}/portfolios", token, broken)
        partly = await desk.ask("POST", f"{BASE}/portfolios", token, broken | {"partly": True})
        entries = await desk.ask("GET", f"{BASE}/watchlists/some/entries", token)

    assert (True, 100_000, 100_000) == (whole.content["made"], whole.content["lines"], whole.content["new"])
    assert (422, ["line 2"]) == (refused.status, refused.content["faults"][0]["path"])
    assert (1, 1) == (partly.content["new"], partly.content["unplaced_count"])
    assert ["AAPL"] == [one["entry"] for one in entries.content["items"]]


async def resources_of(desk: Web, name: str) -> dict[str, object]:
    """The settings of a channel as the sender reads them."""
    from service.control import resources
    from service.model.identity import DEFAULT
    from service.model.resource import ResourceKind

    one = await resources.find(desk.context.database, DEFAULT, ResourceKind.CHANNEL, name)
    opened: dict[str, object] = desk.context.vault.opened(dict(one.section))
    return opened


async def test_entries_are_changed_one_by_one(database: Database, tmp_path: Path) -> None:
    """At the revision that was read; what is wrong stands at the entry."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        made = await desk.ask("POST", f"{BASE}/watchlists", token, {"name": "ours", "settings": {"tickers": ["AAPL"]}})
        where = f"{BASE}/watchlists/ours"
        person = {"key": "owners", "entry": "Jane Doe", "left_out": True}
        added = await desk.ask("POST", f"{where}/entries", token, person, If_Match=made.headers["ETag"])
        stale = await desk.ask("POST", f"{where}/entries", token, person, If_Match=made.headers["ETag"])
        twice = await desk.ask("POST", f"{where}/entries", token, {"key": "tickers", "entry": "aapl"}, If_Match="*")
        gone = await desk.ask("POST", f"{where}/entries/remove", token, person, If_Match=added.headers["ETag"])
        unmoved = await desk.ask("POST", f"{where}/accept", token, {"tickers": ["AAPL"]}, If_Match="*")

    assert [200, 412, 422, 200, 422] == [one.status for one in (added, stale, twice, gone, unmoved)]
    assert {"tickers": ["AAPL"], "except": {"owners": ["Jane Doe"]}} == added.content["settings"]
    assert {"tickers": ["AAPL"]} == gone.content["settings"]
    assert [["entry"], ["AAPL"]] == [one.content["faults"][0]["path"] for one in (twice, unmoved)]
