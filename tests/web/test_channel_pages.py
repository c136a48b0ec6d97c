"""Channels and deliveries on pages: made from the kind's own section, tried, and looked after."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from msgspec.structs import replace

from consumers.dispatcher.channels import CHANNELS
from consumers.dispatcher.channels.webhook import signer
from service.control import deliveries, resources
from service.control.channel_kinds import Input, kind, text_of
from service.model.delivery import DeliveryState
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import ResourceKind
from service.store import Database, channels
from service.store.ledger import Chosen
from tests.dispatcher.kinds import KINDS
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.examples import an_alert_came

_HOOK = {"type": "webhook", "name": "hook", "url": "https://example.com/CANARY-path"}
_REVISION = re.compile(r'name="revision" value="(\d+)"')


async def _made(browser: Browser, **fields: str) -> str:
    """The address of a channel that was made so."""
    made = await browser.send("/channels/new", {**_HOOK, "secrets": _SECRET, **fields})
    assert made.status == 303, made.text
    return made.to


_SECRET = KINDS["webhook"].section["secrets"][0]


@pytest.mark.parametrize("name", [name for name, (section, _) in CHANNELS.items() if not section.operators])
async def test_every_kind_has_a_form_of_its_own_settings_and_its_help(
    database: Database, tmp_path: Path, name: str
) -> None:
    """Nothing but the table of kinds says which there are; what was entered is as if a file had said it."""
    settings = {**KINDS[name].section, **KINDS[name].more}
    entered = {
        key: "\n".join(map(str, value)) if isinstance(value, list) else text_of(value)
        for key, value in settings.items()
    }
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        every, new = await browser.get("/channels/new"), await browser.get(f"/channels/new?type={name}")
        page = await browser.get(await _made(browser, **entered, name="ours"))
        channel = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "ours")
        section = desk.context.vault.opened(dict(channel.section))

    of = kind(name)
    assert of.title in every.text
    assert [] == [one.title for one in of.settings if one.title not in new.text]
    assert "How to set it up" in new.text
    assert settings == section
    assert not [secret for secret in KINDS[name].secret if secret in page.html]
    texts = [one for one in of.settings if not one.secret and one.input is not Input.SWITCH]
    for one in texts:
        typed = entered[one.name]
        assert f'value="{typed}"' in page.html or f"\n{typed}</textarea>" in page.html, one.name


@pytest.mark.parametrize("name", [name for name, (section, _) in CHANNELS.items() if section.operators])
async def test_a_kind_that_stands_in_the_operators_file_alone_is_not_offered(
    database: Database, tmp_path: Path, name: str
) -> None:
    """Nor can it be made by whoever knows the address of its form."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        every = await browser.get("/channels/new")
        made = await browser.send("/channels/new", {**KINDS[name].section, "name": "ours"})

    assert f"/channels/new?type={name}" not in every.html
    assert 422 == made.status
    assert "it can stand only in the file that is applied" in made.text


async def test_what_is_wrong_is_told_at_its_field_with_what_was_typed(database: Database, tmp_path: Path) -> None:
    """All of it at once; a secret is not sent back, and nothing was made."""
    wrong = {
        "type": "slack",
        "name": "desk",
        "url": "http://example.com/CANARY",
        "pace_seconds": "soon",
        "quiet": "night",
    }
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        refused = await browser.send("/channels/new", wrong)
        empty = await browser.send("/channels/new", {"type": "slack", "name": "desk"})
        known = await resources.inventory(database, DEFAULT)

    assert [422, 422] == [refused.status, empty.status]
    faults = re.findall(r'class="fault" id="(\w+)-fault', refused.html)
    assert ["url", "pace_seconds", "quiet"] == faults
    assert "http would send the alert in the clear" in refused.text
    assert ['value="soon"', 'value="night"'] == re.findall(r'value="(?:soon|night)"', refused.html)
    assert "CANARY" not in refused.html
    assert 'id="url-fault">Fill this in.' in empty.html
    assert not list(known)


async def test_a_signing_secret_is_made_and_shown_once(database: Database, tmp_path: Path) -> None:
    """Left empty it is made; rotated, the one before signs as well; no page shows either again."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        made = await browser.send("/channels/new", _HOOK)
        channel = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "hook")
        where = f"/channels/{channel.id}"
        page = await browser.get(where)
        rotated = await browser.send(f"{where}/rotate", {"revision": str(channel.revision)})
        twice = await browser.send(f"{where}/rotate", {"revision": str(channel.revision)})
        after = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "hook")
        secrets = desk.context.vault.opened(dict(after.section))["secrets"]

    first, second = (re.findall(r'value="(whsec_[^"]+)"', one.html) for one in (made, rotated))
    assert [*second, *first] == secrets
    assert "whsec_" not in page.html.replace("whsec_...", "")
    assert (412, []) == (twice.status, re.findall(r'value="whsec_', twice.html))


async def test_a_key_pair_takes_the_place_of_a_secret_without_a_gap(database: Database, tmp_path: Path) -> None:
    """Its public key is shown whenever it is asked for; the private one never."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        await browser.send("/channels/new", _HOOK)
        channel = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "hook")
        where = f"/channels/{channel.id}"
        rotated = await browser.send(f"{where}/rotate", {"revision": str(channel.revision), "signature": "v1a"})
        page = await browser.get(where)
        after = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "hook")
        secrets = desk.context.vault.opened(dict(after.section))["secrets"]

    public = signer(secrets[0]).shown
    assert ["whsk_", "whsec"] == [one[:5] for one in secrets]
    assert f'value="{public}"' in rotated.html
    assert f"<code>{public}</code>" in page.html
    assert not [one for one in (rotated, page) if secrets[0] in one.html or secrets[1] in one.html]


async def test_a_change_keeps_the_secrets_that_are_left_empty(database: Database, tmp_path: Path) -> None:
    """And a name follows; what somebody else has changed meanwhile is not overwritten."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = await _made(browser)
        (revision, *_) = _REVISION.findall((await browser.get(where)).html)
        fields = {"name": "renamed", "quiet": "22:00-07:00 America/New_York", "revision": revision}
        saved = await browser.send(where, fields)
        stale = await browser.send(where, {**fields, "name": "other"})
        channel = await resources.find(database, DEFAULT, ResourceKind.CHANNEL, "renamed")
        section = desk.context.vault.opened(dict(channel.section))

    assert (303, where) == (saved.status, saved.to)
    assert (_HOOK["url"], [_SECRET], fields["quiet"]) == (section["url"], section["secrets"], section["quiet"])
    assert 412 == stale.status
    assert "Now: renamed" in stale.text
    assert 'value="other"' in stale.html


async def test_a_test_says_what_the_service_answered_and_what_to_do(database: Database, tmp_path: Path) -> None:
    """In words, and what it answered as text whatever it is."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=404, text="no_service <script>alert(1)</script>")

    async with answering(refuse) as url, served(database, tmp_path, egress_allow="127.0.0.1") as desk:
        browser = await Browser(desk).signed_in()
        where = await _made(browser, url=f"{url}/in")
        tested = await browser.send(f"{where}/test")
        page = await browser.get(tested.to)

    assert 303 == tested.status
    assert "hook did not take the test: the receiver refused it" in page.text
    assert "404 Not Found: no_service <script>" in page.text
    assert "<script>alert" not in page.html
    assert "Is the address right" in page.text


async def test_what_was_given_up_is_sent_again_or_acknowledged_from_the_page(
    database: Database, tmp_path: Path
) -> None:
    """One by one, or all of a channel; the page says where it stands then."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = await _made(browser)
        channel = where.rpartition("/")[2]
        alerts = [await an_alert_came(database, DEFAULT, channel, number) for number in range(3)]
        listed = await browser.get(f"/deliveries?channel={channel}&state=dead")
        one = f"/deliveries/{alerts[0]}/{channel}"
        attempts = await browser.get(one)
        seen = [await browser.send(f"{one}/acknowledge"), await browser.send(f"{one}/resend")]
        told = [(await browser.get(each.to)).text for each in seen[1:]]
        rest = [await browser.send(f"{where}/acknowledge"), await browser.send(f"{where}/resend")]
        after = await deliveries.page(database, DEFAULT, Chosen(channels=(channel,)), 10)

    assert 3 == listed.html.count(">given up<")
    assert "410 Gone CANARY" in attempts.text
    assert [303] * 4 == [each.status for each in (*seen, *rest)]
    assert "It is sent again, under the same id." in told[0]
    assert [DeliveryState.PENDING] * 3 == [one.state for one in after]


async def test_several_are_sent_again_by_what_the_list_is_narrowed_to(database: Database, tmp_path: Path) -> None:
    """To a channel and days; to nothing at all, nothing is, and the page says what to do."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        channel = (await _made(browser)).rpartition("/")[2]
        for number in range(3):
            await an_alert_came(database, DEFAULT, channel, number)
        whole, narrowed = await browser.get("/deliveries"), await browser.get(f"/deliveries?channel={channel}")
        every = await browser.send("/deliveries/resend", {"delivered": ""})
        said = []
        for days in ({"until": "2020-01-01"}, {"since": "2020-01-01"}):
            sent = await browser.send("/deliveries/resend", {"channel": channel, **days})
            said.append((await browser.get(sent.to)).text)

    assert ("Send what was given up" in whole.text, "Send what was given up" in narrowed.text) == (False, True)
    assert 422 == every.status
    assert "narrow the list to a channel or to days first" in every.text
    assert "Nothing is sent again" in said[0]
    assert "3 deliveries sent again, oldest first, under the same ids, the last by" in said[1]


async def test_a_list_is_narrowed_in_its_address_and_a_wrong_day_is_told(database: Database, tmp_path: Path) -> None:
    """Whatever cannot be read narrows nothing, and stands in its field as it was typed."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        channel = (await _made(browser)).rpartition("/")[2]
        await an_alert_came(database, DEFAULT, channel)
        shown = {
            query: (await browser.get(f"/deliveries?{query}")).html
            for query in ("", "state=delivered", "state=dead", "since=2020-01-01", "since=9999-12-31", "since=soon")
        }
        cursor = await browser.get("/deliveries?cursor=nonsense")

    assert [1, 0, 1, 1, 0, 1] == [html.count(">given up<") for html in shown.values()]
    assert "No delivery is like that" in shown["state=delivered"]
    assert "Write a day as 2026-11-25." in shown["since=soon"]
    assert 'value="soon"' in shown["since=soon"]
    assert 422 == cursor.status


async def test_a_channel_of_a_file_or_for_a_viewer_is_shown_and_not_changed(database: Database, tmp_path: Path) -> None:
    """Whoever owns it is named; no form is there that would be refused."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = await _made(browser)
        viewer = await Browser(desk).signed_in(Role.VIEWER, "vera")
        seen, sent = await viewer.get(where), await viewer.send(f"{where}/disable")
        new = await viewer.get("/channels/new?type=slack")
        (revision, *_) = _REVISION.findall((await browser.get(where)).html)
        removed = await browser.send(f"{where}/remove", {"revision": revision})

    assert 200 == seen.status
    assert "<button" not in seen.html.partition("<main")[2]
    assert [403, 403] == [sent.status, new.status]
    assert (303, "/channels") == (removed.status, removed.to)


async def test_a_channel_whose_circuit_is_open_says_so_with_the_next_probe(database: Database, tmp_path: Path) -> None:
    """On its page, in the list, and at what waits for it."""
    at = datetime(2026, 11, 25, 23, 3, tzinfo=UTC)
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        page = await _made(browser)
        channel = page.rpartition("/")[2]
        await books.owe(database, an_owed(1, channels=(channel,)), at=at)
        async with database.transaction() as tx:
            state = (await channels.locked(tx, [channel]))[channel]
            opened = {"opened": at, "probes": 1, "probe_at": at + timedelta(days=3650), "detail": "503 Busy"}
            await channels.put(tx, [replace(state, **opened)])
        told = [(await browser.get(where)).text for where in (page, "/channels", "/deliveries?state=pending")]

    for text in told[:2]:
        assert "circuit open Most requests failed: since 2026-11-25 18:03:00 EST one alert at a time tries it" in text
    assert "Its channel's circuit is open since 2026-11-25 18:03:00 EST, next probe 2036-11-22 18:03:00 EST" in told[2]
