"""Everybody who could ask for something, and what they may."""

from datetime import timedelta

from msgspec import Struct

from service.control import people
from service.model.identity import DEFAULT, PersonId, Prefix, WorkspaceId, new_id
from service.model.person import Person, Role, Scope
from service.store import resources
from tests.kit.filings import now
from tests.web.desk import Web


class Asking(Struct, frozen=True, kw_only=True):
    """Somebody, and how their requests say who they are."""

    name: str
    scopes: frozenset[Scope] = frozenset()
    headers: dict[str, str] = {}
    reads_only: bool = False  # what they send is not from a page of ours

    def may(self, scope: Scope, *, changing: bool) -> bool:
        """Whether a request that needs *scope* is served."""
        return scope in self.scopes and not (changing and self.reads_only)


async def somebody(desk: Web, name: str, role: Role | None, workspace: WorkspaceId = DEFAULT) -> Person:
    """A person with *role* in *workspace*, without a password; None: the instance's admin."""
    at = now()
    roles = {workspace: role or Role.ADMIN}
    made = Person(id=PersonId(new_id(Prefix.PERSON, at)), name=name, admin=role is None, created=at, roles=roles)
    async with desk.context.database.transaction() as tx:
        await resources.lock(tx)
        return await people.added(tx, made, "none", workspace, at, "for a test")


async def signed_in(
    desk: Web, person: Person, workspace: WorkspaceId | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """What a browser in which *person* is signed in sends: with a request, and besides with one from a page of ours."""
    who, shown = await people.opened(desk.context.database, person, now() - timedelta(seconds=1))
    if workspace is not None:
        await people.enter(desk.context.database, who, workspace)
    return {"Cookie": f"filingbell={shown}"}, {"X-CSRF-Token": who.csrf, "Sec-Fetch-Site": "same-origin"}


async def everybody(desk: Web) -> list[Asking]:
    """Nobody, programs with one scope each, and people of each role, also where a page elsewhere makes them ask."""
    found = [Asking(name="nobody")]
    for scope in Scope:
        secret = await desk.token(scopes=[scope])
        headers = {"Authorization": f"Bearer {secret}"}
        found.append(Asking(name=f"a token for {scope}", scopes=frozenset({scope}), headers=headers))
    for role in (*Role, None):
        called = role or "instance"
        person = await somebody(desk, f"the {called}", role)
        cookie, more = await signed_in(desk, person)
        scopes = frozenset(Scope) if role is None else role.scopes
        found.append(Asking(name=f"the {called}", scopes=scopes, headers=cookie | more))
    found.append(Asking(name="a page elsewhere", scopes=frozenset(Scope), headers=cookie, reads_only=True))
    forged = cookie | more | {"Sec-Fetch-Site": "cross-site"}
    found.append(Asking(name="a page elsewhere that guessed", scopes=frozenset(Scope), headers=forged, reads_only=True))
    return found
