"""People, invitations, workspaces, accounts and the log of changes over HTTP."""

from pathlib import Path

from service.control import people
from service.model.identity import WorkspaceId
from service.model.person import Role, Scope
from service.store import Database
from service.web.endpoint import BASE
from tests.kit.filings import now
from tests.web.askers import signed_in, somebody
from tests.web.desk import served
from tests.web.examples import filled


async def test_an_invitation_is_a_link_that_is_shown_once(database: Database, tmp_path: Path) -> None:
    """To the page at which somebody makes an account; withdrawn, it leads nowhere."""
    async with served(database, tmp_path, http_trusted="https://filings.example") as desk:
        token = await desk.token()
        body = {"name": "ben", "role": "editor", "days": 2}
        made = await desk.ask("POST", f"{BASE}/invitations", token, body, Idempotency_Key="k1")
        again = await desk.ask("POST", f"{BASE}/invitations", token, body, Idempotency_Key="k1")
        listed = await desk.ask("GET", f"{BASE}/invitations", token)
        wrong = await desk.ask("POST", f"{BASE}/invitations", token, body | {"days": 31})
        secret = made.content["link"].removeprefix("https://filings.example/welcome/")
        there = await people.link(database, secret, now())
        gone = await desk.ask("DELETE", made.headers["Location"], token)
        after = await desk.ask("GET", f"{BASE}/invitations", token)

    assert Role.EDITOR is there.role
    assert (made.content["invitation"], None) == (again.content["invitation"], again.content["link"])
    assert [made.content["invitation"]] == listed.content["items"]
    assert secret not in str(listed.content)
    assert (422, ["days"]) == (wrong.status, wrong.content["faults"][0]["path"])
    assert (204, []) == (gone.status, after.content["items"])


async def test_a_role_is_changed_as_it_was_read(database: Database, tmp_path: Path) -> None:
    """And acts at once, in a browser that is signed in."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        anna, ben = await somebody(desk, "anna", Role.ADMIN), await somebody(desk, "ben", Role.EDITOR)
        cookie, more = await signed_in(desk, ben)
        read = await desk.ask("GET", f"{BASE}/people/ben", token)
        where = f"{BASE}/people/{ben.id}"
        changed = await desk.ask("PATCH", where, token, {"role": "viewer"}, If_Match=read.headers["ETag"])
        stale = await desk.ask("PATCH", where, token, {"role": "admin"}, If_Match=read.headers["ETag"])
        writes = await desk.ask("POST", f"{BASE}/channels", None, {"name": "x", "settings": {}}, **cookie, **more)
        last = await desk.ask("PATCH", f"{BASE}/people/{anna.id}", token, {"role": "viewer"}, If_Match="*")
        removed = await desk.ask("DELETE", where, token, If_Match=changed.headers["ETag"])
        reads = await desk.ask("GET", f"{BASE}/channels", None, **cookie)
        there = await desk.ask("GET", f"{BASE}/people", token)

    assert ("editor", "viewer") == (read.content["role"], changed.content["role"])
    assert (412, changed.content["revision"]) == (stale.status, stale.content["revision"])
    assert (403, 409) == (writes.status, last.status)
    assert (204, 403) == (removed.status, reads.status)
    assert "ask one of its admins for an invitation" in reads.content["detail"]
    assert ["anna"] == [one["name"] for one in there.content["items"]]


async def test_one_sees_the_workspaces_that_one_has_a_part_in(database: Database, tmp_path: Path) -> None:
    """A program its own; who administers the instance all of them, and makes and renames them."""
    async with served(database, tmp_path) as desk:
        other = await desk.workspace("other")
        ben = await somebody(desk, "ben", Role.EDITOR, WorkspaceId(other))
        who, _ = await signed_in(desk, ben)
        admin, more = await signed_in(desk, await somebody(desk, "anna", None))

        async def names(headers: dict[str, str], token: str | None = None) -> list[tuple[str, object]]:
            found = await desk.ask("GET", f"{BASE}/workspaces", token, **headers)
            return [(one["name"], one["role"]) for one in found.content["items"]]

        seen = [await names(who), await names({}, await desk.token()), await names(admin)]
        made = await desk.ask("POST", f"{BASE}/workspaces", None, {"name": "third"}, **admin, **more)
        tag = {"If_Match": made.headers["ETag"]}
        renamed = await desk.ask("PATCH", made.headers["Location"], None, {"name": "3rd"}, **admin, **more, **tag)
        hidden = await desk.ask("GET", made.headers["Location"], None, **who)
        taken = await desk.ask("POST", f"{BASE}/workspaces", None, {"name": "other"}, **admin, **more)

    assert [[("other", "editor")], [("default", None)], [("default", "admin"), ("other", "admin")]] == seen
    assert (201, "3rd") == (made.status, renamed.content["name"])
    assert made.content["id"] == renamed.content["id"]
    assert (404, 422, ["name"]) == (hidden.status, taken.status, taken.content["faults"][0]["path"])


async def test_who_administers_the_instance_disables_an_account(database: Database, tmp_path: Path) -> None:
    """Its sessions end; a link for a new password can be made for one that is enabled."""
    async with served(database, tmp_path) as desk:
        token = await desk.token(scopes=[Scope.INSTANCE])
        ben = await somebody(desk, "ben", Role.EDITOR)
        cookie, _ = await signed_in(desk, ben)
        where = f"{BASE}/accounts/{ben.id}"
        read = await desk.ask("GET", where, token)
        link = await desk.ask("POST", f"{where}/password-link", token)
        disabled = await desk.ask("PATCH", where, token, {"disabled": True}, If_Match=read.headers["ETag"])
        out = await desk.ask("GET", f"{BASE}/me", None, **cookie)
        refused = await desk.ask("POST", f"{where}/password-link", token)
        missing = await desk.ask("GET", f"{BASE}/accounts/nobody", token)

    assert [{"name": "default", "role": "editor"}] == [
        {"name": one["name"], "role": one["role"]} for one in read.content["parts"]
    ]
    assert link.content["link"].startswith("http://127.0.0.1:9464/welcome/")
    assert disabled.content["disabled"] is not None
    assert (401, 409, 404) == (out.status, refused.status, missing.status)


async def test_the_log_of_changes_is_read_part_by_part(database: Database, tmp_path: Path) -> None:
    """By kind, by who did it, by what was changed; the whole instance's with the scope for it alone."""
    async with served(database, tmp_path) as desk:
        token = await desk.token()
        whole = await desk.token(scopes=[Scope.ADMIN, Scope.INSTANCE])
        for name in ("a", "b", "c"):
            await desk.ask("POST", f"{BASE}/watchlists", token, {"name": name, "settings": {"tickers": ["AAPL"]}})
        await desk.ask("POST", f"{BASE}/workspaces", whole, {"name": "other"})

        async def asked(query: str, by: str = token) -> list[tuple[str, str]]:
            found = await desk.ask("GET", f"{BASE}/changes?{query}", by)
            assert found.status == 200, found.content
            return [(one["kind"], one["name"]) for one in found.content["items"]]

        first = await desk.ask("GET", f"{BASE}/changes?kind=watchlist&limit=2", token)
        second = await asked(f"kind=watchlist&limit=2&cursor={first.content['next']}")
        by = [await asked("actor=cli:anna&kind=token"), await asked(f"of={first.content['items'][0]['id']}")]
        of_all = await asked("kind=workspace", whole)
        of_mine = await asked("kind=workspace")
        wrong = await desk.ask("GET", f"{BASE}/changes?kind=dog", token)

    assert ["c", "b"] == [one["name"] for one in first.content["items"]]
    assert (None, {"tickers": ["AAPL"]}) == (
        first.content["items"][0]["before"],
        first.content["items"][0]["after"]["section"],
    )
    assert [("watchlist", "a")] == second
    assert [2, 1] == [len(one) for one in by]
    assert ([("workspace", "other")], []) == (of_all, of_mine)
    assert (422, ["kind"]) == (wrong.status, wrong.content["faults"][0]["path"])


async def test_the_log_has_what_was_done_about_deliveries_and_dead_letters(database: Database, tmp_path: Path) -> None:
    """Of a channel's deliveries how many; letters are the whole instance's. What changed nothing is not told."""
    async with served(database, tmp_path) as desk:
        token = await desk.token(scopes=Scope)
        made = await filled(desk, token)
        where = f"{BASE}/deliveries/{made['alert']}/{made['desk channel']}"
        for what in ("acknowledge", "acknowledge", "resend", "resend"):
            await desk.ask("POST", f"{where}/{what}", token)
        dropped = await desk.ask("POST", f"{BASE}/dead-letters/{made['letter']}/drop", token)
        deliveries = await desk.ask("GET", f"{BASE}/changes?kind=delivery", token)
        letters = await desk.ask("GET", f"{BASE}/changes?kind=dead-letter", token)
        hidden = await desk.ask("GET", f"{BASE}/changes?kind=dead-letter", await desk.token())

    assert [("resent", "desk", {"messages": 1}), ("acknowledged", "desk", {"messages": 1})] == [
        (one["action"], one["name"], one["after"]) for one in deliveries.content["items"]
    ]
    assert {made["desk channel"]} == {one["id"] for one in deliveries.content["items"]}
    assert (204, ["dropped"], []) == (
        dropped.status,
        [one["action"] for one in letters.content["items"]],
        hidden.content["items"],
    )


async def test_a_browser_goes_on_with_the_secret_that_it_was_given(database: Database, tmp_path: Path) -> None:
    """It comes with whatever is answered, be it a refusal."""
    async with served(database, tmp_path) as desk:
        cookie, _ = await signed_in(desk, await somebody(desk, "anna", Role.VIEWER))
        desk.clock.later = people.RENEWED
        refused = await desk.ask("GET", f"{BASE}/people", None, **cookie)
        given = {"Cookie": refused.headers["Set-Cookie"].partition(";")[0]}
        desk.clock.later += people.OVERLAP
        answers = [await desk.ask("GET", f"{BASE}/me", None, **one) for one in (given, cookie, given)]

    assert 403 == refused.status
    assert "HttpOnly" in refused.headers["Set-Cookie"]
    assert [200, 401, 401] == [one.status for one in answers]
