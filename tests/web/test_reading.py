"""Alerts, deliveries, conditions and why over HTTP."""

from pathlib import Path

from service.model.identity import DEFAULT, WorkspaceId
from service.store import Database
from service.web.endpoint import BASE
from tests.kit.documents import ACCESSION
from tests.web.desk import Web, served
from tests.web.examples import WEBHOOK, an_alert_came


async def _a_channel(desk: Web, token: str) -> str:
    made = await desk.ask("POST", f"{BASE}/channels", token, {"name": "desk", "settings": WEBHOOK})
    found: str = made.content["id"]
    return found


async def test_alerts_are_read_part_by_part_whatever_comes_meanwhile(either: Database, tmp_path: Path) -> None:
    """Latest first, each once: what comes in between stands before the cursor; no other workspace's are among them."""
    async with served(either, tmp_path) as desk:
        token, elsewhere = await desk.token(), await desk.workspace("other")
        channel = await _a_channel(desk, token)
        made = [await an_alert_came(either, DEFAULT, channel, number) for number in range(5)]
        await an_alert_came(either, elsewhere, channel, 2)
        first = await desk.ask("GET", f"{BASE}/alerts?limit=2", token)
        await an_alert_came(either, DEFAULT, channel, 9)
        second = await desk.ask("GET", f"{BASE}/alerts?limit=2&cursor={first.content['next']}", token)
        third = await desk.ask("GET", f"{BASE}/alerts?limit=2&cursor={second.content['next']}", token)
        on_filing = await desk.ask("GET", f"{BASE}/alerts?filing={ACCESSION}", token)
        on_another = await desk.ask("GET", f"{BASE}/alerts?filing=0000000001-25-000001", token)

    parts = [[one["id"] for one in part.content["items"]] for part in (first, second, third)]
    assert [made[::-1][:2], made[::-1][2:4], made[::-1][4:]] == parts
    assert third.content["next"] is None
    assert (6, 0) == (len(on_filing.content["items"]), len(on_another.content["items"]))
    alert = first.content["items"][0]["alert"]
    assert (ACCESSION, "filingbell.alert.v1") == (alert["filing"]["accession"], alert["type"])


async def test_alerts_are_found_by_rule_time_channel_and_state(database: Database, tmp_path: Path) -> None:
    """All that is given must hold; another workspace's channel has nothing for us."""
    async with served(database, tmp_path) as desk:
        token, elsewhere = await desk.token(), await desk.workspace("other")
        channel = await _a_channel(desk, token)
        theirs = await _a_channel(desk, await desk.token(workspace=elsewhere))
        await an_alert_came(database, DEFAULT, channel)
        await an_alert_came(database, WorkspaceId(elsewhere), theirs)

        async def count(query: str) -> int:
            answer = await desk.ask("GET", f"{BASE}/alerts?{query}", token)
            assert answer.status == 200, answer.content
            return len(answer.content["items"])

        found = {
            query: await count(query)
            for query in (
                "state=dead",
                "state=delivered",
                f"channel={channel}",
                f"channel={channel}&state=dead",
                f"channel={theirs}",
                "rule=rule_unknown",
                "since=2020-01-01T00:00:00Z",
                "before=2020-01-01T00:00:00Z",
            )
        }

    assert [1, 0, 1, 1, 0, 0, 1, 0] == list(found.values()), found


async def test_an_alert_says_where_its_deliveries_stand(database: Database, tmp_path: Path) -> None:
    """With the last answer; a delivery by itself has every attempt."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        channel = await _a_channel(desk, token)
        alert = await an_alert_came(database, DEFAULT, channel)
        whole = await desk.ask("GET", f"{BASE}/alerts/{alert}", token)
        delivery = await desk.ask("GET", f"{BASE}/deliveries/{alert}/{channel}", token)

    (told,) = whole.content["deliveries"]
    assert ("dead", "gone", "desk") == (told["state"], told["reason"], told["channel_name"])
    assert 410 == told["last"]["status"]
    assert [1] == [one["number"] for one in delivery.content["tries"]]
    assert told == delivery.content["delivery"]


async def test_what_was_given_up_is_sent_again_or_acknowledged(database: Database, tmp_path: Path) -> None:
    """Sending again is said twice and done once."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        channel = await _a_channel(desk, token)
        alert = await an_alert_came(database, DEFAULT, channel)
        where = f"{BASE}/deliveries/{alert}/{channel}"
        seen_to = await desk.ask("POST", f"{where}/acknowledge", token)
        again = [await desk.ask("POST", f"{where}/resend", token) for _ in range(2)]
        after = await desk.ask("GET", where, token)

    assert 204 == seen_to.status
    assert [True, False] == [one.content["owed"] for one in again]
    assert "pending" == after.content["delivery"]["state"]


async def test_deliveries_are_found_by_state_channel_and_filing(either: Database, tmp_path: Path) -> None:
    """All that is given must hold; another workspace's channel has nothing for us."""
    async with served(either, tmp_path) as desk:
        token, elsewhere = await desk.token(), await desk.workspace("other")
        channel = await _a_channel(desk, token)
        theirs = await _a_channel(desk, await desk.token(workspace=elsewhere))
        await an_alert_came(either, DEFAULT, channel)
        await an_alert_came(either, WorkspaceId(elsewhere), theirs)

        async def count(query: str) -> int:
            answer = await desk.ask("GET", f"{BASE}/deliveries?{query}", token)
            assert answer.status == 200, answer.content
            return len(answer.content["items"])

        found = {
            query: await count(query)
            for query in (
                "",
                "state=dead",
                "state=pending",
                f"channel={channel}",
                f"channel={theirs}",
                f"filing={ACCESSION}",
                "since=2099-01-01T00:00:00Z",
            )
        }

    assert [1, 1, 0, 1, 0, 1, 0] == list(found.values())


async def test_a_time_without_its_offset_is_refused(database: Database, tmp_path: Path) -> None:
    """It would be another instant wherever it is read; said at its field."""
    nowhere = "2024-01-01T00:00:00"
    silence = {"tickers": ["GME"], "reason": "why", "ends": nowhere}
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        answers = [
            await desk.ask("GET", f"{BASE}/alerts?since={nowhere}", token),
            await desk.ask("GET", f"{BASE}/deliveries?until={nowhere}", token),
            await desk.ask("POST", f"{BASE}/deliveries/resend", token, {"since": nowhere}),
            await desk.ask("POST", f"{BASE}/silences", token, silence),
        ]
        nothing = await desk.ask("POST", f"{BASE}/deliveries/resend", token, {"delivered": True})
        again = await desk.ask("POST", f"{BASE}/deliveries/resend", token, {"since": f"{nowhere}Z"})

    assert [422] * 5 == [one.status for one in (*answers, nothing)]
    assert ["since", "until", "since", "ends"] == [one.content["faults"][0]["path"][0] for one in answers]
    assert {"counts": {}, "gone": 0, "last": None} == again.content


async def test_a_time_is_no_number_and_may_be_the_first_of_all(database: Database, tmp_path: Path) -> None:
    """A number in a query is refused at its field; a silence that ended when counting began is told that it is over."""
    silence = {"tickers": ["GME"], "reason": "why", "ends": "0001-01-01T00:00:00Z"}
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        answers = [
            await desk.ask("GET", f"{BASE}/alerts?since=-2.0867685029594064e-261", token),
            await desk.ask("GET", f"{BASE}/deliveries?until=1e9", token),
            await desk.ask("POST", f"{BASE}/silences", token, silence),
        ]
        first = await desk.ask("GET", f"{BASE}/alerts?since=0001-01-01T00:00:00Z", token)

    assert [422] * 3 == [one.status for one in answers]
    assert ["since", "until", "ends"] == [one.content["faults"][0]["path"][0] for one in answers]
    assert first.status == 200


async def test_why_and_conditions_are_told(database: Database, tmp_path: Path) -> None:
    """Where a filing's way ended; a service that does not run is wrong, and is said to be for everybody."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        channel = await _a_channel(desk, token)
        await desk.ask("POST", f"{BASE}/rules", token, {"name": "all", "settings": {"channels": "desk"}})
        await an_alert_came(database, DEFAULT, channel)
        account = await desk.ask("GET", f"{BASE}/filings/{ACCESSION}/why", token)
        missing = await desk.ask("GET", f"{BASE}/filings/0000000001-25-000001/why", token)
        nothing = await desk.ask("GET", f"{BASE}/filings/x/why", token)
        conditions = await desk.ask("GET", f"{BASE}/conditions", token)
        notices = await desk.ask("GET", f"{BASE}/notices", token)
        other = await desk.ask("GET", f"{BASE}/conditions", await desk.token(workspace=await desk.workspace("other")))

    assert ["all"] == [way["rule"] for way in account.content["ways"]]
    assert {"items": [], "next": None} == notices.content
    assert (404, 422) == (missing.status, nothing.status)
    assert {"role-absent", "channel-dead"} <= {one["kind"] for one in conditions.content["items"]}
    assert "channel-dead" not in {one["kind"] for one in other.content["items"]}
