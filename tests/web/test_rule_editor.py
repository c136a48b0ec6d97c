"""The editor of rules: form and YAML, faults where they stand, previews, and nobody's change lost."""

import asyncio
import re
import threading
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from service.control import resources
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import ResourceKind
from service.store import Database
from service.web.pages import editing
from tests.web.browser import Browser, Seen
from tests.web.desk import Web, served
from tests.web.examples import a_filing_came
from tests.web.test_rules_pages import a_files_rule, a_rule, by_file, revision_of

Fields = dict[str, str | Sequence[str]]


def yaml_of(seen: Seen) -> str:
    """What stands in the YAML."""
    found = re.search(r'<textarea id="yaml"[^>]*>\n(.*?)</textarea>', seen.html, re.DOTALL)
    assert found
    return unescape(found[1])


def agreed_of(seen: Seen) -> str:
    """As of when form and YAML said the same."""
    found = re.search(r'name="agreed" value="([^"]*)"', seen.html)
    assert found
    return unescape(found[1])


def chosen(seen: Seen, key: str) -> list[str]:
    """What is chosen in the boxes of *key*."""
    return re.findall(rf'name="{key}" value="([^"]*)" checked', seen.html)


def value_of(seen: Seen, key: str) -> str:
    """What stands in the line of *key*."""
    found = re.search(rf'<input id="{key}" name="{key}" value="([^"]*)"', seen.html)
    assert found
    return unescape(found[1])


async def settings(desk: Web, named: str) -> dict[str, object]:
    """The rule's settings, but for its channel."""
    one = await resources.find(desk.context.database, DEFAULT, ResourceKind.RULE, named)
    return {key: value for key, value in one.section.items() if key != "channels"}


async def test_a_rule_is_made_with_the_form(database: Database, tmp_path: Path) -> None:
    """Without a script: what is filled in is what is saved."""
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        seen = await browser.get("/rules/new")
        fields: Fields = {
            "name": "boss buys",
            "kinds": ["purchase", "gift"],
            "value": ">= 1.5m",
            "plan_10b5_1": "false",
            "priority": "normal",
            "channels": "hook",
            "agreed": agreed_of(seen),
            "yaml": yaml_of(seen),
            "do": "save",
        }
        saved = await browser.send("/rules/new", fields)
        shown = await browser.get(saved.to)
        stored = await settings(desk, "boss buys")

    assert 303 == saved.status
    assert "boss buys is saved" in shown.text
    assert {"kinds": ["purchase", "gift"], "value": ">= 1.5m", "plan_10b5_1": False} == stored
    assert "value >= $1,500,000" in shown.text


async def test_form_and_yaml_follow_each_other(database: Database, tmp_path: Path) -> None:
    """By their buttons; groups and what YAML alone can say stay, to the comment."""
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        text = "# mine\nkinds: sale\nany_of:\n- plan_10b5_1: true\n- roles: [ceo]\nchannels: hook\n"
        by_yaml = await browser.send("/rules/new", {"do": "yaml", "yaml": text, "agreed": ""})
        fields: Fields = {"do": "form", "kinds": ["sale", "gift"], "channels": "hook", "shares": "> 5"}
        by_form = await browser.send("/rules/new", {**fields, "yaml": yaml_of(by_yaml), "agreed": agreed_of(by_yaml)})

    assert text.strip() == yaml_of(by_yaml).strip() == agreed_of(by_yaml).strip()
    assert ["sale"] == chosen(by_yaml, "kinds")
    assert "(10b5-1 plan is yes or an owner is ceo) kind is sale" in by_yaml.text
    expected = "kinds: [sale, gift]\nshares: '> 5'\nany_of:\n- plan_10b5_1: true\n- roles: [ceo]\nchannels: hook\n"
    assert expected == yaml_of(by_form)
    assert "shares > 5" in by_form.text


async def test_where_both_sides_were_changed_a_person_chooses(database: Database, tmp_path: Path) -> None:
    """Neither is dropped unseen."""
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        fields: Fields = {"name": "both", "kinds": "gift", "yaml": "kinds: sale\nchannels: hook\n", "agreed": ""}
        both = await browser.send("/rules/new", {**fields, "do": "save"})
        taken = await browser.send("/rules/new", {**fields, "do": "yaml"})

    assert 422 == both.status
    assert "form and YAML were both changed: choose the one to use" in both.text
    assert (["gift"], "kinds: sale\nchannels: hook") == (chosen(both, "kinds"), yaml_of(both).strip())
    assert ["sale"] == chosen(taken, "kinds")


async def test_each_fault_stands_at_its_field_and_in_its_line(database: Database, tmp_path: Path) -> None:
    """The paths are those of the API; nothing that was typed is lost."""
    text = "kinds: [sale, gft]\nvalue: many\nany_of:\n- {kinds: gift}\n- {shres: 5}\nchannels: hook\n"
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        faulty = await browser.send("/rules/new", {"name": "f", "do": "save", "yaml": text, "agreed": ""})
        by_form = await browser.send(
            "/rules/new", {"name": "f", "do": "save", "value": "a lot", "kinds": "gift", "yaml": "", "agreed": ""}
        )
        no_yaml = await browser.send("/rules/new", {"name": "f", "do": "yaml", "yaml": "kinds: [sale", "agreed": ""})
        no_name = await browser.send(
            "/rules/new", {"do": "save", "kinds": "gift", "channels": "hook", "yaml": "", "agreed": ""}
        )
        taken = await browser.send(
            "/rules/new", {"name": "big-sales", "do": "save", "channels": "hook", "yaml": "", "agreed": ""}
        )

    assert [422] * 5 == [one.status for one in (faulty, by_form, no_yaml, no_name, taken)]
    assert "1:15 kinds.1 'gft' is not a kind; did you mean 'gift'?" in faulty.text
    assert "5:4 any_of.1.shres 'shres' is unknown here" in faulty.text
    assert text.strip() == yaml_of(faulty).strip()
    assert re.search(r'id="value" name="value" value=""[^>]*aria-invalid="true"', faulty.html)
    assert "'a lot' is not a threshold" in by_form.text
    assert "channels choose at least one" in by_form.text
    assert (["gift"], "a lot") == (chosen(by_form, "kinds"), value_of(by_form, "value"))
    assert "line 1, column 13: this is no YAML: the list that begins with [ needs a comma or ]" in no_yaml.text
    assert "a name needs a letter or a digit" in no_name.text
    assert "there is a rule 'big-sales' already" in taken.text


async def test_yaml_is_read_as_it_was_typed(database: Database, tmp_path: Path) -> None:
    """Indented as a whole, too; one that is too long is not even tried."""
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        text = "\n  kinds: sale\n  channels: hook\n"
        indented = await browser.send("/rules/new", {"do": "yaml", "yaml": text, "agreed": ""})
        endless = await browser.send("/rules/new", {"do": "yaml", "yaml": "# " + "x" * 50_000, "agreed": ""})

    assert (200, ["sale"]) == (indented.status, chosen(indented, "kinds"))
    assert text == yaml_of(indented)
    assert 422 == endless.status
    assert "a rule has at most 50,000 characters" in endless.text


async def test_very_many_names_are_not_all_offered(database: Database, tmp_path: Path) -> None:
    """Those that are chosen always are; the YAML takes any."""
    async with served(database, tmp_path) as desk:
        await by_file(desk, watchlists={f"list {number:03}": {"tickers": ["AAPL"]} for number in range(102)})
        where = f"/rules/{await a_rule(desk, watchlist='list 101')}"
        browser = await Browser(desk).signed_in()
        seen = await browser.get(where)

    assert ["list 101"] == chosen(seen, "watchlist")
    assert (101, 100) == tuple(
        len(re.findall(rf'name="{key}" value="list', seen.html)) for key in ("watchlist", "exclude")
    )
    assert "There are more: name them in the YAML." in seen.text


async def test_a_preview_says_what_would_have_rung_and_what_nearly(database: Database, tmp_path: Path) -> None:
    """Each with its filing; nothing is saved by it."""
    async with served(database, tmp_path) as desk:
        await a_rule(desk)
        browser = await Browser(desk).signed_in()
        fields: Fields = {"do": "preview", "kinds": "purchase", "channels": "hook", "yaml": "", "agreed": ""}
        nothing = await browser.send("/rules/new", fields)
        await a_filing_came(database)
        rang = await browser.send("/rules/new", fields)
        near = await browser.send("/rules/new", {**fields, "value": ">= $1m"})
        rules = await browser.get("/rules")

    assert "No filings yet" in nothing.text
    assert "1 of the last 1 filings would have rung" in rang.text
    assert re.search(r'href="/filings/\d{10}-\d\d-\d{6}"', rang.html)
    assert "0 of the last 1 filings would have rung" in near.text
    assert "value >= $1,000,000, but $10,000 ($10 x 1,000 shares) ($990,000 too little)" in near.text
    assert "1 rule" in rules.text


async def test_an_address_opens_a_draft(database: Database, tmp_path: Path) -> None:
    """As the tape makes it of its filters: the rule's settings in YAML, or below its name."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        bare = await browser.get(f"/rules/new?name=x&document={quote('kinds: sale')}")
        named = await browser.get(f"/rules/new?document={quote('big:' + chr(10) + '  kinds: [sale, gift]')}")
        broken = await browser.get(f"/rules/new?document={quote('kinds: [sale')}")

    assert (["sale"], "kinds: sale") == (chosen(bare, "kinds"), yaml_of(bare).strip())
    assert "Still missing or wrong 1:1 'channels' is missing" in bare.text
    assert 'value="x"' in bare.html
    assert (["sale", "gift"], "kinds: [sale, gift]") == (chosen(named, "kinds"), yaml_of(named).strip())
    assert 'value="big"' in named.html
    assert 200 == broken.status
    assert "this is no YAML" in broken.text


async def test_a_change_is_made_at_the_revision_that_was_read(database: Database, tmp_path: Path) -> None:
    """Somebody else's in between is shown beside what was typed, and replaced only if that is saved again."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        where = f"/rules/{await a_rule(desk)}"
        seen = await browser.get(where)
        fields: Fields = {"yaml": yaml_of(seen), "agreed": agreed_of(seen), "kinds": "sale", "channels": "hook"}
        mine: Fields = {**fields, "name": "mine", "value": ">= $5m", "do": "save", "revision": revision_of(seen.html)}
        theirs = await browser.send(where, {**mine, "name": "theirs", "value": ">= $2m"})
        stale = await browser.send(where, mine)
        between = await settings(desk, "theirs")
        again = await browser.send(
            where, {**mine, "revision": revision_of(stale.html.partition('class="form wide')[2])}
        )
        after = await settings(desk, "mine")
        shown = await browser.get(where)

    assert [303, 412, 303] == [theirs.status, stale.status, again.status]
    assert ">= $2m" == between["value"]
    assert (">= $5m", "mine") == (value_of(stale, "value"), re.findall(r'id="name"[^>]*value="(\w+)"', stale.html)[0])
    assert "Somebody changed this while you were typing" in stale.text
    assert "What stands now theirs kinds: sale value: '&gt;= $2m'" in stale.text.replace(">= $2m", "&gt;= $2m")
    assert ">= $5m" == after["value"]
    assert "changed by anna name before: theirs now: mine value before: >= $2m now: >= $5m" in shown.text


async def test_who_may_not_change_a_rule_sees_it_without_an_editor(database: Database, tmp_path: Path) -> None:
    """A viewer, and anybody where a file owns it."""
    async with served(database, tmp_path) as desk:
        viewer, admin = await Browser(desk).signed_in(Role.VIEWER, "vic"), await Browser(desk).signed_in()
        where = f"/rules/{await a_rule(desk)}"
        await a_files_rule(desk)
        seen = [await viewer.get(where), await admin.get("/rules/late")]
        refused = await viewer.send(where, {"do": "save", "yaml": "", "agreed": ""})
        no_new = await viewer.get("/rules/new")
        owned = await admin.send(
            "/rules/late", {"do": "save", "name": "late", "yaml": "channels: theirs", "agreed": ""}
        )

    assert not [one for one in seen if "<textarea" in one.html]
    assert all("kinds: sale" in one.html or "days_late" in one.html for one in seen)
    assert [403, 403, 409] == [refused.status, no_new.status, owned.status]
    assert "change it there" in owned.text


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [("late business", "days_late", "filing_lag"), ("OPTION-GRANT", "kind", "shares"), ("", "shares", None)],
)
async def test_facts_are_found_by_what_they_say(
    database: Database, tmp_path: Path, text: str, found: str, not_found: str | None
) -> None:
    """By name, meaning, unit or word; with what makes them unknown."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in(Role.VIEWER)
        seen = await browser.get(f"/rules/facts?text={quote(text)}")
        nothing = await browser.get("/rules/facts?text=weather")

    assert f"<code>{found}</code>" in seen.html
    assert not_found is None or f"<code>{not_found}</code>" not in seen.html
    assert "No fact is like that" in nothing.text


async def test_nobody_waits_while_a_link_with_yaml_is_read(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page elsewhere can have a browser follow one, with YAML that takes seconds."""
    read, drafted = threading.Event(), editing.drafted

    def slowly(name: str, text: str) -> editing.Editor:
        assert read.wait(30)
        return drafted(name, text)

    monkeypatch.setattr(editing, "drafted", slowly)
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        waiting = asyncio.create_task(browser.get(f"/rules/new?document={quote('kinds: sale')}"))
        other = await Browser(desk).get("/sign-in")
        is_read = read.is_set() or waiting.done()
        read.set()
        linked = await waiting

    assert (200, 200, False) == (other.status, linked.status, is_read)
