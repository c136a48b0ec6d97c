"""Who may what in a workspace and in the instance: roles, invitations, accounts, and the log that tells of them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from service.control import accounts, audit, invitations, members, people, tokens, workspaces
from service.control.people import Signed
from service.model.audit import ChangeSubject
from service.model.errors import Faulty, Forbidden, NotFound, Stale
from service.model.identity import DEFAULT, Revision, WorkspaceId
from service.model.person import Person, Role, Scope
from service.model.resource import Actor
from service.store import Database
from service.store.audit import WhichChanges

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
PASSWORD = "correct horse battery"
CLI = Actor(name="cli:anna", workspace=DEFAULT)


async def first(database: Database) -> Person:
    """The first person, who administers the instance."""
    secret = await people.first_link(database, NOW)
    assert secret is not None
    return await people.join(database, secret, "Anna", PASSWORD, NOW)


async def invited(database: Database, name: str, role: Role = Role.EDITOR, workspace: WorkspaceId = DEFAULT) -> Person:
    """Somebody who came by an invitation."""
    actor = Actor(name="cli:anna", workspace=workspace)
    _, secret = await invitations.invite(database, actor, name, role, NOW)
    assert secret is not None
    return await people.join(database, secret, name, PASSWORD, NOW)


async def signed_in(database: Database, name: str, at: datetime = NOW) -> tuple[Signed, str]:
    """A browser in which somebody is signed in."""
    found = await people.sign_in(database, name, PASSWORD, at)
    assert found is not None
    return found


async def test_an_invitation_lets_one_person_in_with_its_role(either: Database) -> None:
    """Once; it is no longer listed then, and one that was withdrawn or has expired lets nobody in."""
    await first(either)
    made, secret = await invitations.invite(either, CLI, "Bert", Role.VIEWER, NOW)
    gone, withdrawn = await invitations.invite(either, CLI, "Cleo", Role.ADMIN, NOW)
    assert secret is not None
    assert withdrawn is not None
    assert {made.id, gone.id} == {one.id for one in await invitations.every(either, DEFAULT, NOW)}
    await invitations.withdraw(either, CLI, gone.id, NOW)

    for useless, at in ((withdrawn, NOW), (secret, NOW + invitations.LASTS)):
        with pytest.raises(NotFound):
            await people.join(either, useless, "Bert", PASSWORD, at)
    bert = await people.join(either, secret, "Bert", PASSWORD, NOW)

    assert (False, {DEFAULT: Role.VIEWER}) == (bert.admin, bert.roles)
    assert [] == await invitations.every(either, DEFAULT, NOW)
    with pytest.raises(NotFound):
        await people.join(either, secret, "Dora", PASSWORD, NOW)


async def test_somebody_with_an_account_comes_into_another_workspace(database: Database) -> None:
    """By an invitation to it, which takes no right away; they look at it from then on."""
    await first(database)
    other = (await workspaces.add(database, CLI, "other", NOW)).id
    await invited(database, "Bert")
    there = Actor(name="cli:anna", workspace=other)
    for role in (Role.ADMIN, Role.VIEWER):
        _, secret = await invitations.invite(database, there, "Bert", role, NOW)
        assert secret is not None
        who, shown = await signed_in(database, "Bert")
        await people.accept(database, who, secret, NOW)

    looks = await people.signed(database, shown, NOW)
    assert looks is not None
    assert {DEFAULT: Role.EDITOR, other: Role.ADMIN} == looks.person.roles
    assert (other, Role.ADMIN) == (looks.session.workspace, looks.role)


async def test_a_role_acts_at_once(either: Database) -> None:
    """In a browser that is signed in, which is given another secret with its next request."""
    await first(either)
    await invited(either, "Bert")
    who, shown = await signed_in(either, "Bert")
    bert = await members.set_role(either, CLI, "bert", Role.VIEWER, NOW)
    looks = await people.signed(either, shown, NOW)

    assert {Scope.READ, Scope.WRITE} == who.scopes
    assert looks is not None
    assert ({Scope.READ}, True) == (looks.scopes, looks.renewed is not None)
    with pytest.raises(Stale) as stale:
        await members.set_role(either, CLI, "Bert", Role.ADMIN, NOW, expected=Revision(bert.revision - 1))
    assert bert.revision == stale.value.stands


async def test_tokens_of_somebody_who_is_disabled_let_nobody_in(either: Database) -> None:
    """Nor what was made with one of them, until they are enabled; those of others and of commands go on."""
    await first(either)
    await invited(either, "Bert", Role.ADMIN)
    secrets: dict[str, str] = {}
    for maker in ("person:Anna", "person:Bert", "token:person:Bert", "cli:anna"):
        actor = Actor(name=maker, workspace=DEFAULT)
        _, secret = await tokens.add(either, actor, maker, [Scope.READ], NOW)
        assert secret is not None
        secrets[maker] = secret

    async def are_let_in() -> set[str]:
        return {maker for maker, secret in secrets.items() if await tokens.who(either, secret, NOW) is not None}

    await accounts.change(either, CLI, "Bert", NOW, disabled=True)
    refused = {one.name for one in await tokens.every(either, DEFAULT) if one.refused}
    let_in = await are_let_in()
    await accounts.change(either, CLI, "Bert", NOW, disabled=False)

    assert {"person:Anna", "cli:anna"} == let_in
    assert {"person:Bert", "token:person:Bert"} == refused
    assert secrets.keys() == await are_let_in()


async def test_who_is_removed_has_no_part_any_more(database: Database) -> None:
    """The account stays, and the other workspaces; a browser that looked at this one looks at another."""
    await first(database)
    await invited(database, "Bert")
    other = (await workspaces.add(database, CLI, "other", NOW)).id
    _, secret = await invitations.invite(database, Actor(name="cli:anna", workspace=other), "Bert", Role.VIEWER, NOW)
    who, shown = await signed_in(database, "Bert")
    assert secret is not None
    await people.accept(database, who, secret, NOW)
    await people.enter(database, who, DEFAULT)
    await members.remove(database, CLI, "Bert", NOW)
    looks = await people.signed(database, shown, NOW)

    assert looks is not None
    assert (other, {Scope.READ}) == (looks.session.workspace, looks.scopes)
    assert ["Anna"] == [one.name for one in await members.every(database, DEFAULT)]
    with pytest.raises(NotFound):
        await people.enter(database, looks, DEFAULT)


@pytest.mark.parametrize(
    "lose",
    [
        lambda database: members.set_role(database, CLI, "Anna", Role.EDITOR, NOW),
        lambda database: members.remove(database, CLI, "Anna", NOW),
        lambda database: accounts.change(database, CLI, "Anna", NOW, admin=False),
        lambda database: accounts.change(database, CLI, "Anna", NOW, disabled=True),
    ],
    ids=["demoted", "removed", "no-admin", "disabled"],
)
async def test_the_last_admin_stays_one(database: Database, lose: Callable[[Database], Awaitable[object]]) -> None:
    """Somebody who is disabled does not count; with another one it can be done."""
    await first(database)
    await invited(database, "Bert", Role.ADMIN)
    await accounts.change(database, CLI, "Bert", NOW, admin=True, disabled=True)
    with pytest.raises(Forbidden):
        await lose(database)
    await accounts.change(database, CLI, "Bert", NOW, disabled=False)
    await lose(database)


async def test_who_is_disabled_is_signed_out_and_stays_out(either: Database) -> None:
    """Everywhere and at once, also with a link for a new password; until they are enabled again."""
    await first(either)
    await invited(either, "Bert")
    _, shown = await signed_in(either, "Bert")
    _, link, _ = await accounts.password_link(either, CLI, "Bert", NOW)
    await accounts.change(either, CLI, "Bert", NOW, disabled=True)

    assert await people.signed(either, shown, NOW) is None
    assert await people.sign_in(either, "Bert", PASSWORD, NOW) is None
    with pytest.raises(NotFound):
        await people.choose_password(either, link, "a better one by far", NOW)
    with pytest.raises(Forbidden):
        await accounts.password_link(either, CLI, "Bert", NOW)
    await accounts.change(either, CLI, "Bert", NOW, disabled=False)
    assert await people.signed(either, shown, NOW) is None
    await signed_in(either, "Bert")


async def test_who_forgot_a_password_chooses_another_by_a_link(either: Database) -> None:
    """Once, within an hour, by the last link alone; sessions with the old password end."""
    await first(either)
    _, shown = await signed_in(either, "Anna")
    _, replaced, _ = await accounts.password_link(either, CLI, "anna", NOW)
    person, secret, until = await accounts.password_link(either, CLI, "anna", NOW)
    with pytest.raises(Forbidden):
        await people.join(either, secret, "Bert", PASSWORD, NOW)
    with pytest.raises(Faulty):
        await people.choose_password(either, secret, "short", NOW)
    for useless, at in ((replaced, NOW), (secret, until)):
        with pytest.raises(NotFound):
            await people.choose_password(either, useless, "a better one by far", at)
    assert person.id == (await people.choose_password(either, secret, "a better one by far", NOW)).id

    assert await people.signed(either, shown, NOW) is None
    assert await people.sign_in(either, "Anna", PASSWORD, NOW) is None
    assert await people.sign_in(either, "Anna", "a better one by far", NOW) is not None
    with pytest.raises(NotFound):
        await people.choose_password(either, secret, PASSWORD, NOW)


async def test_a_workspace_has_a_name_of_its_own(either: Database) -> None:
    """Which can change: what had it before keeps its id, and its old name is free for another."""
    made = await workspaces.add(either, CLI, "customer", NOW)
    with pytest.raises(Faulty):
        await workspaces.add(either, CLI, "customer", NOW)
    with pytest.raises(Forbidden):
        await workspaces.rename(either, CLI, "default", "ours", NOW)
    renamed = await workspaces.rename(either, CLI, "customer", "client", NOW, expected=made.revision)
    again = await workspaces.add(either, CLI, "customer", NOW)
    with pytest.raises(Stale):
        await workspaces.rename(either, CLI, "client", "x", NOW, expected=made.revision)

    assert (made.id, "client") == (renamed.id, renamed.name)
    assert renamed.id != again.id
    assert {"client", "customer", "default"} == {one.name for one in await workspaces.every(either)}


async def test_the_log_has_every_change_of_who_may_what(either: Database) -> None:
    """By whom and how it was before; the whole instance's changes are not every workspace's to read."""
    anna = await first(either)
    made, _ = await invitations.invite(either, CLI, "Bert", Role.VIEWER, NOW)
    await invitations.withdraw(either, CLI, made.id, NOW)
    await invited(either, "Cleo", Role.VIEWER)
    await members.set_role(either, Actor(name="person:Anna", workspace=DEFAULT), "Cleo", Role.ADMIN, NOW)
    await members.remove(either, CLI, "Cleo", NOW)
    token, secret = await tokens.add(either, CLI, "script", [Scope.READ], NOW, lasts=timedelta(days=1))
    await tokens.revoke(either, CLI, "script", NOW)
    await accounts.change(either, CLI, "Cleo", NOW, disabled=True)
    await workspaces.add(either, CLI, "other", NOW)
    told = await audit.history(either, WhichChanges(workspace=DEFAULT), 100)
    whole = await audit.history(either, WhichChanges(workspace=DEFAULT, whole=True), 2)
    of_token = await audit.history(
        either, WhichChanges(workspace=DEFAULT, kind=ChangeSubject.TOKEN, resource=token.id), 10
    )

    assert [
        ("token", "script", "removed", "cli:anna"),
        ("token", "script", "added", "cli:anna"),
        ("person", "Cleo", "removed", "cli:anna"),
        ("person", "Cleo", "changed", "person:Anna"),
        ("person", "Cleo", "added", "person:Cleo"),
        ("invitation", "Cleo", "added", "cli:anna"),
        ("invitation", "Bert", "removed", "cli:anna"),
        ("invitation", "Bert", "added", "cli:anna"),
        ("person", "Anna", "added", "person:Anna"),
    ] == [(one.kind, one.name, one.action, one.actor) for one in told]
    assert ({"role": "viewer"}, {"role": "admin"}) == (told[3].before, told[3].after)
    assert [("workspace", "added"), ("person", "disabled")] == [(one.kind, one.action) for one in whole]
    assert told[:2] == of_token
    assert anna.id == told[-1].resource
    assert secret is not None
    assert secret not in str(told)
    assert ["cli:anna", "person:Anna", "person:Cleo"] == await audit.actors(either, DEFAULT, whole=False)
