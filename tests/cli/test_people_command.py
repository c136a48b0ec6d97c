"""``people``: what whoever runs the service types to let somebody in, in again, or no more."""

import json
from pathlib import Path

from service.clock import now
from service.control import people
from service.model.identity import DEFAULT
from service.model.person import Role
from service.store.database import open_database
from tests.kit.process import printed

PASSWORD = "correct horse battery"


async def test_somebody_is_invited_helped_in_again_and_disabled(tmp_path: Path) -> None:
    """By links that work once, which are all that is on standard output."""

    async def types(*arguments: str) -> str:
        return (await printed("people", *arguments, home=tmp_path, http="127.0.0.1:9464")).decode()

    near = await types("invite", "Ben", "--role", "editr")
    empty = [await types("invite", "Ben", "--role", "kind"), await types("invite", "Ben", "--role", "editor")]
    nobody = await types("list")
    link = next(line for line in empty[1].splitlines() if "/welcome/" in line)
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    try:
        ben = await people.join(database, link.rpartition("/")[2], "Ben", PASSWORD, now())
        listed = await types("list")
        told = await types("link", "ben")
        await people.choose_password(database, _secret(told), "a better one by far", now())
        refused, disabled = await types("link", "Bert"), await types("disable", "ben")
        plain = json.loads(await types("list", "--json"))
        signed = await people.sign_in(database, "Ben", "a better one by far", now())
        enabled = await types("enable", "ben")
        again = await people.sign_in(database, "Ben", "a better one by far", now())
    finally:
        await database.close()

    assert "there is no role 'kind'; there are viewer, editor, admin" in empty[0]
    assert "there is no role 'editr'; did you mean 'editor'?" in near
    assert "nobody yet" in nobody
    assert link.startswith("http://127.0.0.1:")
    assert {DEFAULT: Role.EDITOR} == ben.roles
    assert "editor of default" in listed
    assert "there is nobody called 'Bert'" in refused
    assert ("Ben is disabled, and signed out everywhere" in disabled, signed) == (True, None)
    assert (["Ben"], {"default": "editor"}) == ([one["name"] for one in plain], plain[0]["roles"])
    assert "Ben is enabled" in enabled
    assert again is not None


def _secret(told: str) -> str:
    """What the link that was printed ends with."""
    (line,) = (line for line in told.splitlines() if "/welcome/" in line)
    return line.rpartition("/")[2]
