"""Sessions: the secret that a browser shows changes, and one that was copied ends them."""

import asyncio
from datetime import timedelta

from service.control import people
from service.store import Database
from tests.control.test_access import NOW, first, signed_in

LATER = NOW + people.RENEWED


async def test_a_browser_is_given_another_secret_every_few_hours(either: Database) -> None:
    """It stays signed in, and its forms stay good; the old secret is taken a little longer, and then no more."""
    await first(either)
    who, old = await signed_in(either, "Anna")
    early = await people.signed(either, old, LATER - timedelta(seconds=1))
    renewed = await people.signed(either, old, LATER)
    assert early is not None
    assert renewed is not None
    assert renewed.renewed is not None
    beside = await people.signed(either, old, LATER + timedelta(seconds=30))
    after = await people.signed(either, renewed.renewed, LATER + people.OVERLAP)

    assert early.renewed is None
    assert beside is not None
    assert (None, None) == (beside.renewed, after.renewed if after else "")
    assert {who.csrf} == {one.csrf for one in (early, renewed, beside, after) if one}
    assert who.session.digest == renewed.session.digest


async def test_of_requests_beside_each_other_one_is_given_the_new_secret(either: Database) -> None:
    """None of them is refused: a page asks for several things at once."""
    await first(either)
    _, shown = await signed_in(either, "Anna")
    found = await asyncio.gather(*(people.signed(either, shown, LATER) for _ in range(8)))

    assert 8 == len([one for one in found if one is not None])
    assert 1 == len([one for one in found if one and one.renewed])


async def test_an_answer_that_was_lost_signs_nobody_out(database: Database) -> None:
    """A browser that never got the new secret shows the old one, and is given another."""
    await first(database)
    _, shown = await signed_in(database, "Anna")
    lost = await people.signed(database, shown, LATER)
    again = await people.signed(database, shown, LATER + timedelta(minutes=20))
    assert again is not None
    assert again.renewed is not None
    later = await people.signed(database, again.renewed, LATER + timedelta(minutes=30))

    assert lost is not None
    assert later is not None
    assert lost.renewed != again.renewed


async def test_a_secret_that_was_replaced_ends_the_session(either: Database) -> None:
    """Whoever shows it has a copy; and whoever has the copy first is put out by the browser itself."""
    await first(either)
    _, shown = await signed_in(either, "Anna")
    copied = shown
    renewed = await people.signed(either, shown, LATER)
    assert renewed is not None
    assert renewed.renewed is not None
    assert await people.signed(either, renewed.renewed, LATER + people.OVERLAP) is not None

    assert await people.signed(either, copied, LATER + people.OVERLAP) is None
    assert await people.signed(either, renewed.renewed, LATER + people.OVERLAP) is None


async def test_half_a_secret_lets_nobody_in(database: Database) -> None:
    """Neither the part that stays nor the part that changes, nor what the database has of them."""
    await first(database)
    who, shown = await signed_in(database, "Anna")
    root, _, secret = shown.partition(".")
    stored = f"{who.session.digest}.{who.session.secret}"
    found = [await people.signed(database, one, NOW) for one in (secret, f".{secret}", f"x.{secret}", stored, "")]

    assert [None] * 5 == found
    assert await people.signed(database, shown, NOW) is not None
    assert await people.signed(database, root, NOW) is None
