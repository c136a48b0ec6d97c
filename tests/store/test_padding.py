"""Lists in statements: whatever their length, they mean what they say, and their statements are few."""

from sqlalchemy import bindparam, select, tuple_

from service.store import Database
from service.store.schema import shared
from tests.kit.statements import statements

_LENGTHS = (*range(10), 31, 32, 33, 100, 1_000, 1_024, 1_025, 3_000)
_GIVEN = bindparam("given", expanding=True)
_NUMBER = shared.c.id


async def test_a_list_means_what_it_says_whatever_its_length(either: Database) -> None:
    """Inside and outside of it, by one column and by two, given with the statement and when it runs."""
    every = set(range(1, 41))
    async with either.transaction() as tx:
        await tx.add(shared, [{"id": number, "value": b""} for number in every])
    async with either.reading() as connection:
        for length in _LENGTHS:
            numbers = list(range(3, 3 + length))
            pairs = [(number, number) for number in numbers]
            inside = every.intersection(numbers)
            given = select(_NUMBER).where(_NUMBER.in_(_GIVEN))
            assert inside == set(await connection.scalars(given, {"given": numbers})), length
            assert inside == set(await connection.scalars(select(_NUMBER).where(_NUMBER.in_(numbers)))), length
            paired = select(_NUMBER).where(tuple_(_NUMBER, _NUMBER).in_(pairs))
            assert inside == set(await connection.scalars(paired)), length
            outside = select(_NUMBER).where(_NUMBER.not_in(numbers))
            assert every - inside == set(await connection.scalars(outside)), length


async def test_lists_of_a_hundred_lengths_make_a_few_statements(either: Database) -> None:
    """Each statement is prepared, and kept, by each connection."""
    query = select(_NUMBER).where(_NUMBER.in_(_GIVEN))
    with statements() as seen:
        async with either.reading() as connection:
            for length in range(1, 101):
                await connection.execute(query, {"given": list(range(length))})

    assert 8 == len({statement for statement, _ in seen})
