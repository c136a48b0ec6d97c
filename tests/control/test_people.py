"""People: the first of them, their passwords and sessions."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.clock import SystemClock
from service.control import people
from service.control.upkeep import Upkeep
from service.model.errors import Faulty, FilingbellError, NotFound
from service.model.identity import DEFAULT, WorkspaceId
from service.model.person import Role
from service.store import Database
from service.vitals import Unwatched

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
PASSWORD = "correct horse battery"


async def _first(database: Database) -> str:
    secret = await people.first_link(database, NOW)
    assert secret is not None
    return secret


async def test_the_first_person_comes_by_a_link_and_is_the_admin(either: Database) -> None:
    """The link works once, and there is no other once somebody is there."""
    link, spare = await _first(either), await _first(either)
    anna = await people.join(either, link, "Anna", PASSWORD, NOW)

    assert (True, {DEFAULT: Role.ADMIN}) == (anna.admin, anna.roles)
    assert await people.first_link(either, NOW) is None
    for used in (link, spare):
        with pytest.raises(NotFound):
            await people.join(either, used, "Bert", PASSWORD, NOW)


async def test_of_two_first_people_at_once_one_is(either: Database) -> None:
    """Whoever has another link comes second, and not as an admin."""
    links = [await _first(either) for _ in range(4)]

    async def join(number: int) -> bool:
        try:
            await people.join(either, links[number], f"p{number}", PASSWORD, NOW)
        except FilingbellError:
            return False
        return True

    assert 1 == sum(await asyncio.gather(*map(join, range(4))))


async def test_a_link_ends_after_a_day(database: Database) -> None:
    """Whoever finds it in an old log can do nothing with it."""
    link = await _first(database)

    with pytest.raises(NotFound):
        await people.join(database, link, "Anna", PASSWORD, NOW + people.FIRST_LASTS)


async def test_a_weak_password_leaves_the_link_as_it_was(database: Database) -> None:
    """Every fault has its field, and a second try works."""
    link = await _first(database)
    with pytest.raises(Faulty) as caught:
        await people.join(database, link, " ", "short", NOW)

    assert [("name",), ("password",)] == [fault.path for fault in caught.value.faults]
    assert await people.join(database, link, "Anna", PASSWORD, NOW)


async def test_who_signs_in_stays_so_until_they_leave_or_stay_away(database: Database) -> None:
    """The name in any case; a wrong password and an unknown name are the same answer."""
    await people.join(database, await _first(database), "Anna", PASSWORD, NOW)
    assert await people.sign_in(database, "Anna", "wrong", NOW) is None
    assert await people.sign_in(database, "Bert", PASSWORD, NOW) is None
    found = await people.sign_in(database, "ANNA", PASSWORD, NOW)
    assert found is not None
    _, secret = found

    in_time = await people.signed(database, secret, NOW + timedelta(days=6))
    assert in_time is not None
    assert Role.ADMIN == in_time.role
    later = await people.signed(database, secret, NOW + timedelta(days=12))
    assert later is not None
    assert await people.signed(database, secret, NOW + timedelta(days=31)) is None
    await people.sign_out(database, later)
    assert await people.signed(database, secret, NOW) is None


async def test_a_session_shows_no_workspace_that_is_not_ones_own(database: Database) -> None:
    """Not even that it is there; the instance's admin sees each."""
    await people.join(database, await _first(database), "Anna", PASSWORD, NOW)
    found = await people.sign_in(database, "Anna", PASSWORD, NOW)
    assert found is not None
    anna = found[0].person
    stranger = people.Signed(
        person=type(anna)(id=anna.id, name="Bert", admin=False, created=NOW), session=found[0].session, csrf=""
    )

    assert stranger.role is None
    with pytest.raises(NotFound):
        await people.enter(database, stranger, WorkspaceId("ws_other"))


async def test_passwords_and_secrets_are_not_in_the_database(database: Database) -> None:
    """A password as argon2id, everything else as a digest."""
    link = await _first(database)
    await people.join(database, link, "Anna", PASSWORD, NOW)
    found = await people.sign_in(database, "Anna", PASSWORD, NOW)
    assert found is not None
    async with database.reading() as connection:
        tables = ("people", "sessions", "links")
        kept = [list(await connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]

    assert "$argon2id$" in str(kept)
    assert [] == [secret for secret in (PASSWORD, link, found[1]) if secret in str(kept)]


async def test_what_is_over_is_forgotten(database: Database) -> None:
    """Sessions and links take no room for ever."""
    await people.join(database, await _first(database), "Anna", PASSWORD, NOW - timedelta(days=400))
    await people.sign_in(database, "Anna", PASSWORD, NOW - timedelta(days=400))
    await Upkeep(database, SystemClock(), Unwatched()).tidy()

    async with database.reading() as connection:
        assert [] == list(await connection.execute(text("SELECT * FROM sessions")))
