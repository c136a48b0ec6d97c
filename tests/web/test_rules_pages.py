"""Rules on pages: the list, and one of them with what became of it."""

import re
from datetime import timedelta
from pathlib import Path

from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from service.control import provision, resources
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor, ResourceKind
from service.store import Database, tape
from tests.control.desk import accession_of
from tests.control.test_ruling import failed, rang
from tests.kit.documents import a_document, a_filing, a_row
from tests.kit.filings import now
from tests.web.browser import Browser
from tests.web.desk import Web, served
from tests.web.examples import WEBHOOK

FILE = "/srv/filingbell.yaml"


async def a_rule(desk: Web, name: str = "big-sales", **more: object) -> str:
    """A rule that tells the channel `hook`; returns its id."""
    token = await desk.token()
    await desk.ask("POST", "/api/v1/channels", token, {"name": "hook", "settings": WEBHOOK})
    settings = {"kinds": "sale", "value": ">= $1m", "channels": "hook", **more}
    made = await desk.ask("POST", "/api/v1/rules", token, {"name": name, "settings": settings})
    assert made.status == 201, made.content
    return str(made.content["id"])


async def a_files_rule(desk: Web) -> None:
    """A rule that a file owns."""
    rule = {"days_late": "> 2 days", "channels": "theirs"}
    await by_file(desk, channels={"theirs": WEBHOOK}, rules={"late": rule})


async def by_file(desk: Web, **sections: object) -> None:
    """What a file applies."""
    owner = Actor(name=FILE, workspace=DEFAULT, file=FILE)
    await provision.apply(desk.context.database, desk.context.vault, owner, sections, now())


def revision_of(html: str) -> str:
    """At which the page was read."""
    found = re.search(r'name="revision" value="(\d+)"', html)
    assert found
    return found[1]


async def test_the_list_says_what_each_rule_asks_for_and_how_often_it_rang(database: Database, tmp_path: Path) -> None:
    """And who owns it, and whether it works."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        empty = await browser.get("/rules")
        rule = await resources.find(database, DEFAULT, ResourceKind.RULE, await a_rule(desk, priority="urgent"))
        await rang(database, rule, timedelta(), timedelta(days=3), timedelta(days=20))
        await failed(database, rule)
        await a_files_rule(desk)
        seen = await browser.get("/rules")

    assert "No rules yet" in empty.text
    assert "big-sales failing urgent kind is sale value >= $1,000,000 hook 1 2 3" in seen.text
    assert f"late on from {FILE} days_late > 2 business days theirs 0 0 0" in seen.text
    assert "2 rules" in seen.text


async def test_the_list_is_narrowed_and_goes_on(database: Database, tmp_path: Path) -> None:
    """By text and state; the addresses of the other parts keep both."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        await a_rule(desk)
        gifts = {f"gift {number:02}": {"kinds": "gift", "channels": "theirs"} for number in range(51)}
        await by_file(desk, channels={"theirs": WEBHOOK}, rules=gifts)
        first = await browser.get("/rules?text=GIFT&state=on")
        (behind,) = re.findall(r'rel="next" href="([^"]+)"', first.html)
        second = await browser.get(behind.replace("&amp;", "&"))
        nothing = await browser.get("/rules?text=nothing")
        strange = await browser.get("/rules?page=-1&state=strange")

    assert "1 to 50 of 51 rules" in first.text
    assert "big-sales" not in first.text
    assert "/rules?text=GIFT&amp;state=on&amp;page=2" == behind
    assert "51 to 51 of 51 rules" in second.text
    assert "gift 50" in second.text
    assert "No rule is like that" in nothing.text
    assert "1 to 50 of 52 rules" in strange.text


async def test_a_rule_shows_what_became_of_it(database: Database, tmp_path: Path) -> None:
    """What it asks for, its last alerts, and who changed it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = f"/rules/{await a_rule(desk, description='<b>Big</b> sales')}"
        rule = await resources.find(database, DEFAULT, ResourceKind.RULE, "big-sales")
        await rang(database, rule, timedelta(hours=1))
        await failed(database, rule)
        seen = await browser.get(where)
        missing = await browser.get("/rules/nothing")

    assert "&lt;b&gt;Big&lt;/b&gt; sales" in seen.html
    assert "added by admin-0 token" in seen.text
    assert "It failed on 1 filing since it last worked: Boom: bang" in seen.text
    assert re.search(r'<a href="/alerts/[0-9a-f-]{36}"[^>]*>0009990900-25-000001</a>', seen.html)
    assert 404 == missing.status


async def test_what_rang_lately_is_told_as_on_the_tape(database: Database, tmp_path: Path) -> None:
    """One reads what happened, not a number."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = f"/rules/{await a_rule(desk)}"
        rule = await resources.find(database, DEFAULT, ResourceKind.RULE, "big-sales")
        await rang(database, rule, timedelta(hours=1))
        async with database.transaction() as tx:
            line = line_of(Subject.of(a_filing(accession=accession_of(1)), a_document(a_row("S"))), now())
            await tape.add(tx, [line])
        seen = await browser.get(where)

    assert re.search(rf'<a href="/alerts/[0-9a-f-]{{36}}">{re.escape(line.headline)}</a>', seen.html)


async def test_a_rule_is_disabled_enabled_and_removed(database: Database, tmp_path: Path) -> None:
    """Each as it stood when the page was read; somebody else's change in between is not undone unseen."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = f"/rules/{await a_rule(desk)}"
        old = revision_of((await browser.get(where)).html)
        off = await browser.send(f"{where}/disable", {"revision": old})
        disabled = await browser.get(where)
        stale = await browser.send(f"{where}/remove", {"revision": old})
        on = await browser.send(f"{where}/enable", {"revision": revision_of(disabled.html)})
        again = await browser.get(on.to)
        gone = await browser.send(f"{where}/remove", {"revision": revision_of(again.html)})
        rules = await browser.get(gone.to)

    assert [(303, where), (303, where), (303, "/rules")] == [(one.status, one.to) for one in (off, on, gone)]
    assert "big-sales is disabled." in disabled.text
    assert "Disabled by anna" in disabled.text
    assert 412 == stale.status
    assert "was changed meanwhile" in stale.text
    assert "big-sales is removed." in rules.text


async def test_what_a_file_owns_is_read_only_and_says_which(database: Database, tmp_path: Path) -> None:
    """It can be switched off, but not removed."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        await a_files_rule(desk)
        seen = await browser.get("/rules/late")
        refused = await browser.send("/rules/late/remove", {"revision": revision_of(seen.html)})

    assert f"owned by {FILE}" in seen.text
    assert "/disable" in seen.html
    assert "/remove" not in seen.html
    assert 409 == refused.status
    assert "change it there" in refused.text


async def test_who_may_only_look_is_offered_nothing_else(database: Database, tmp_path: Path) -> None:
    """And refused it."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in(Role.VIEWER)
        where = f"/rules/{await a_rule(desk)}"
        seen = await browser.get(where)
        refused = await browser.send(f"{where}/disable", {})

    assert f'action="{where}' not in seen.html
    assert 403 == refused.status
