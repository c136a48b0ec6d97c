"""People, invitations, tokens, workspaces and the audit log, as a browser has them."""

import re
from html import unescape
from pathlib import Path

import pytest

from service.control import audit, members
from service.model.audit import Change, ChangeSubject
from service.model.identity import DEFAULT, Revision
from service.model.person import Role
from service.model.resource import Action, Actor
from service.store import Database
from service.store.audit import WhichChanges
from service.web.endpoint import BASE
from service.web.pages.differences import differences
from tests.kit.filings import now
from tests.web.browser import PASSWORD, Browser, Seen, a_person
from tests.web.desk import served

_ONCE = re.compile(r'<input readonly value="([^"]*)"')


async def test_somebody_is_invited_by_a_link_and_comes(database: Database, tmp_path: Path) -> None:
    """The link is shown once; the invitation is gone once it was used."""
    async with served(database, tmp_path) as desk:
        anna = await Browser(desk).signed_in()
        made = await anna.send("/people/invite", {"name": "ben", "role": "editor", "days": "7"})
        (link,) = _ONCE.findall(made.html)
        listed = await anna.get("/people")
        ben = Browser(desk)
        await ben.send(
            link.removeprefix("http://127.0.0.1:9464"), {"name": "ben", "password": PASSWORD, "again": PASSWORD}
        )
        rules = await ben.get("/rules")
        people = await ben.get("/people")
        after = await anna.get("/people")

    assert link.rpartition("/")[2] not in listed.html
    assert "Withdraw" in listed.text
    assert (200, 403) == (rules.status, people.status)
    assert ("ben Editor active" in after.text, "Withdraw" in after.text) == (True, False)


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("/people/invite", {"name": " ", "role": "editor", "days": "7"}, "name"),
        ("/people/invite", {"name": "ben", "role": "king", "days": "7"}, "role"),
        ("/people/invite", {"name": "ben", "role": "editor", "days": "31"}, "days"),
        ("/people/invite", {"name": "ben", "role": "editor"}, "days"),
        ("/tokens", {"name": "x", "days": "30"}, "scopes"),
        ("/tokens", {"name": "x", "scopes": "root", "days": "30"}, "scopes"),
        ("/tokens", {"name": "", "scopes": "read", "days": "30"}, "name"),
        ("/workspaces", {"name": "default"}, "name"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    database: Database, tmp_path: Path, path: str, fields: dict[str, str], told: str
) -> None:
    """With what was typed beside it; and nothing is made."""
    async with served(database, tmp_path) as desk:
        anna = await Browser(desk).signed_in()
        before = await audit.history(database, WhichChanges(workspace=DEFAULT, whole=True), 100)
        seen = await anna.send(path, fields)
        after = await audit.history(database, WhichChanges(workspace=DEFAULT, whole=True), 100)

    assert 422 == seen.status
    assert f'id="{told}-fault"' in seen.html
    assert before == after


async def test_a_role_that_was_changed_meanwhile_is_shown_beside_what_was_chosen(
    database: Database, tmp_path: Path
) -> None:
    """Sent again, it is changed; and the last admin stays one, which is said on the page."""
    async with served(database, tmp_path) as desk:
        anna = await Browser(desk).signed_in()
        ben = await a_person(desk, "ben", Role.EDITOR)
        read = _revision(await anna.get(f"/people/{ben.id}"))
        await members.set_role(database, Actor(name="cli:root", workspace=DEFAULT), "ben", Role.ADMIN, now())
        stale = await anna.send(f"/people/{ben.id}", {"role": "viewer", "revision": read})
        again = await anna.send(f"/people/{ben.id}", {"role": "viewer", "revision": _revision(stale)})
        mine = await anna.get("/people")
        (me,) = re.findall(r'href="/people/(\w+)">Change<span class="unseen"> anna', mine.html)
        last = await anna.send(f"/people/{me}/remove", {"revision": _revision(await anna.get(f"/people/{me}"))})

    assert (412, 303, 409) == (stale.status, again.status, last.status)
    assert "Somebody changed this" in stale.text
    assert "ben is a viewer now." in mine.text
    assert "last admin" in last.text


async def test_a_token_of_the_page_is_let_in_until_it_is_revoked(database: Database, tmp_path: Path) -> None:
    """Its secret is shown once; nobody makes one that may more than they may."""
    async with served(database, tmp_path) as desk:
        admin = await Browser(desk).signed_in(Role.ADMIN, "ben")
        made = await admin.send("/tokens", {"name": "sync", "scopes": ["read", "write"], "days": "30"})
        (secret,) = _ONCE.findall(made.html)
        listed = await admin.get("/tokens")
        me = await desk.ask("GET", f"{BASE}/me", secret)
        more = await admin.send("/tokens", {"name": "all", "scopes": "instance", "days": "30"})
        (one,) = re.findall(r"/tokens/(\w+)/revoke", listed.html)
        gone = await admin.send(f"/tokens/{one}/revoke")
        after = await desk.ask("GET", f"{BASE}/me", secret)
        empty = await admin.get("/tokens")

    assert secret not in listed.html
    assert (200, ["read", "write"]) == (me.status, me.content["scopes"])
    assert (403, 303, 401) == (more.status, gone.status, after.status)
    assert "instance" not in listed.html
    assert "The token sync is revoked." in empty.text
    assert "No tokens yet" in empty.text


async def test_one_enters_another_workspace(database: Database, tmp_path: Path) -> None:
    """From then on its name stands on every page, and what one makes is made there."""
    async with served(database, tmp_path) as desk:
        anna = await Browser(desk).signed_in()
        made = await anna.send("/workspaces", {"name": "customer"})
        listed = await anna.get("/workspaces")
        (there,) = re.findall(r"/workspaces/(\w+)/enter", listed.html)
        await anna.send(
            f"/workspaces/{there}", {"name": "client", "revision": _revision(await anna.get(f"/workspaces/{there}"))}
        )
        entered = await anna.send(f"/workspaces/{there}/enter")
        await anna.send("/people/invite", {"name": "ben", "role": "viewer", "days": "1"})
        people = await anna.get("/people")
        ben = await Browser(desk).signed_in(Role.ADMIN, "ben")
        refused = await ben.send(f"/workspaces/{there}/enter")
        his = await ben.get("/workspaces")

    assert (303, 303, 404) == (made.status, entered.status, refused.status)
    assert "Who has a part in the workspace client." in people.text
    assert "ben Viewer" in people.text
    assert ("client" in his.text, "New workspace" in his.text) == (False, False)


async def test_who_administers_the_service_helps_somebody_in_again(database: Database, tmp_path: Path) -> None:
    """By a link for another password; who is disabled is out at once."""
    async with served(database, tmp_path) as desk:
        anna = await Browser(desk).signed_in()
        ben = await Browser(desk).signed_in(Role.EDITOR, "ben")
        everybody = await anna.get("/accounts")
        (his,) = re.findall(r'href="/accounts/(\w+)">Change<span class="unseen"> ben', everybody.html)
        made = await anna.send(f"/accounts/{his}/password-link")
        (link,) = _ONCE.findall(made.html)
        sent = {"password": "a better one by far", "again": "a better one by far"}
        chosen = await Browser(desk).send(link.removeprefix("http://127.0.0.1:9464"), sent)
        out = await ben.get("/rules")
        again = Browser(desk)
        await again.send("/sign-in", {"name": "ben", "password": "a better one by far"})
        page = await anna.get(f"/accounts/{his}")
        disabled = await anna.send(f"/accounts/{his}", {"disabled": "yes", "revision": _revision(page)})
        shut = await again.get("/rules")
        log = await anna.get(f"/audit?of={his}")

    assert (303, 303, 303, 303) == (chosen.status, out.status, disabled.status, shut.status)
    assert "/sign-in?next=/rules" == out.to == shut.to
    assert "Person ben disabled whole service disabled before: no now: yes" in log.text


async def test_the_audit_log_tells_who_changed_what_and_how(database: Database, tmp_path: Path) -> None:
    """Field by field, with names in the place of ids; by kind and by person; what is long has a page of its own."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        anna = await Browser(desk).signed_in()
        for name in ("small", "<b>large</b>"):
            size = 2 if name == "small" else 3000
            ciks = [f"{number:010d}" for number in range(1, size + 1)]
            await desk.ask("POST", f"{BASE}/watchlists", token, {"name": name, "settings": {"ciks": ciks}})
        changed = {"settings": {"ciks": ["0000000002", "0000000003"]}}
        await desk.ask("PATCH", f"{BASE}/watchlists/small", token, changed, If_Match="*")
        rule = {"name": "all", "settings": {"watchlist": "small", "channels": "desk"}}
        webhook = {"type": "webhook", "url": "http://127.0.0.1:9/", "secrets": "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ"}
        await desk.ask("POST", f"{BASE}/channels", token, {"name": "desk", "settings": webhook})
        await desk.ask("POST", f"{BASE}/rules", token, rule)
        seen = await anna.get("/audit")
        lists = await anna.get("/audit?kind=watchlist&by=token%3Aadmin-0")
        nothing = await anna.get("/audit?kind=rule&by=person%3Anobody")
        wrong = await anna.get("/audit?kind=dog&cursor=x")
        (long,) = re.findall(r'href="(/audit/\d+)">Too long', seen.html)
        whole = await anna.get(long)
        missing = [await anna.get(f"/audit/{one}") for one in ("0", "x", "99999999999999999999")]

    assert "Watchlist small changed ciks removed: 0000000001 added: 0000000003" in seen.text
    assert "Rule all added watchlist now: small channels now: desk" in seen.text
    assert "url now: (secret)" in seen.text
    assert "admin-0 token" in seen.text
    assert "<b>large</b>" in unescape(whole.text)
    assert "and 2,988 more" in whole.text
    assert ("Watchlist small changed" in lists.text, "Rule all" in lists.text) == (True, False)
    assert "No change is like that" in nothing.text
    assert (422, [404, 404, 404]) == (wrong.status, [one.status for one in missing])


def test_what_a_change_has_changed_is_told_in_words() -> None:
    """What is as before is left out; times are New York's."""

    def told(before: dict[str, object] | None, after: dict[str, object] | None, kind: ChangeSubject) -> list[object]:
        change = Change(
            revision=Revision(1),
            at=now(),
            actor="cli:anna",
            workspace=DEFAULT,
            kind=kind,
            resource="x",
            name="x",
            action=Action.CHANGED,
            before=before,
            after=after,
        )
        return [(one.field, one.before, one.after, one.removed, one.added) for one in differences(change, {"a_1": "A"})]

    rule = {"name": "big", "enabled": True, "file": None, "section": {"channels": ["a_1"], "quiet": {"from": "18:00"}}}
    expires = {"scopes": ["read"], "expires": "2026-11-26T14:00:00Z"}

    assert [] == told(rule, rule, ChangeSubject.RULE)
    assert [("enabled", "yes", "no", "", "")] == told(rule, rule | {"enabled": False}, ChangeSubject.RULE)
    assert [
        ("name", "big", "small", "", ""),
        ("channels", "A", None, "", ""),
        ("quiet", '{"from": "18:00"}', None, "", ""),
    ] == told(rule, rule | {"name": "small", "section": {}}, ChangeSubject.RULE)
    assert [("scopes", None, "read", "", ""), ("expires", None, "2026-11-26 09:00 EST", "", "")] == told(
        None, expires, ChangeSubject.TOKEN
    )
    assert [("scopes", None, None, "read", "write")] == told(
        expires, expires | {"scopes": ["write"]}, ChangeSubject.TOKEN
    )


def _revision(seen: Seen) -> str:
    """At which what a page shows was read."""
    found = re.search(r'name="revision" value="(\d+)"', seen.html)
    assert found is not None
    return found[1]


async def test_what_workspaces_there_are_is_not_told(database: Database, tmp_path: Path) -> None:
    """Whoever tries to enter one is told the same of a name that somebody has and of one that nobody has."""
    async with served(database, tmp_path) as desk:
        await desk.workspace("acme")
        browser = await Browser(desk).signed_in(Role.VIEWER)
        there = await browser.send("/workspaces/acme/enter")
        nowhere = await browser.send("/workspaces/nothing/enter")

    assert (404, 404) == (there.status, nowhere.status)
    assert there.text == nowhere.text
