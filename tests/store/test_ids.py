"""Ids as they are stored on SQLite."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, tuple_

from service.model.identity import Prefix, derived_id, new_id
from service.store import Database, schema
from service.store.ids import lengthened, shortened
from tests.kit.books import add_channels

UUIDS = st.uuids().map(str)
OURS = st.builds(derived_id, st.sampled_from(Prefix), st.text(max_size=9))


def there_and_back(name: str) -> str:
    stored = shortened(name)
    return lengthened(stored) if isinstance(stored, bytes) else stored


@given(UUIDS | OURS | st.text(max_size=40) | UUIDS.map(str.upper) | OURS.map(str.upper))
def test_what_is_stored_is_what_was_given(name: str) -> None:
    """To the letter: whatever is written in another way than ours stays as it is."""
    assert name == there_and_back(name)


@given(UUIDS | OURS)
def test_ours_take_half_the_room(name: str) -> None:
    """Sixteen bytes, and one that says of what it is."""
    assert len(shortened(name)) == (16 if len(name) == 36 else 17)


@pytest.mark.parametrize(
    "name", ["", "desk", "chan_", "ws_" + "z" * 26, "team_" + "0" * 26, "chan_" + "i" * 26, "0" * 32, "-" * 36]
)
def test_any_other_stays_text(name: str) -> None:
    """Also what nearly is one: 26 digits can hold more than 128 bits."""
    assert name == shortened(name)


def test_an_id_that_is_made_now_is_one_of_ours() -> None:
    """Not only those that come from names."""
    assert 17 == len(shortened(new_id(Prefix.CHANNEL, datetime(2026, 1, 2, tzinfo=UTC))))


async def test_every_way_of_asking_finds_it(database: Database) -> None:
    """By itself, among others, in a pair, and in another table."""
    channel, message = derived_id(Prefix.CHANNEL, "desk"), str(UUID(int=7))
    await add_channels(database, channel)
    c = schema.resources.c
    async with database.transaction() as tx:
        await tx.add(schema.channel_states, [{"channel": channel, "failures": 0}])
    states = select(schema.channel_states.c.channel)
    async with database.reading() as connection:
        for claim in (
            c.id == channel,
            c.id.in_([channel, message]),
            tuple_(c.id, c.kind).in_([(channel, "channel")]),
            c.id.in_(states),
        ):
            assert [channel] == list(await connection.scalars(select(c.id).where(claim)))
        stored = await connection.scalar(text("SELECT typeof(id) || length(id) FROM resources"))

    assert "blob17" == stored
