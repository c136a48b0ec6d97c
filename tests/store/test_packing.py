"""How values are stored: compressed, exactly, and beside those of versions that did not compress."""

import base64
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from service.store import Database, events, packing
from service.store.packing import pack, unpack
from service.wire.topics import Topic
from tests.kit.filings import a_filing_event

# Their checksums, as values of versions before name them.
DICTIONARIES = {"dictionary.txt": 0x8DCDF889, "dictionary-2.txt": 0x8E7D6113, "dictionary-3.txt": 0x5FB38E11}

STORED = {
    "dictionary-2.txt": "Aii1L/0gL40AAEAwMzIwMTkzfQIAQLEFNFcg",
    "dictionary-3.txt": "Ayi1L/0gL40AAEAwMzIwMTkzfQIAQLEFNFcg",
}


@given(st.binary())
def test_every_value_comes_back_as_it_was(value: bytes) -> None:
    """Also what happens to look like something compressed."""
    assert value == unpack(pack(value))
    assert pack(value) == unpack(pack(pack(value)))


def test_a_filing_takes_a_fraction_of_its_size() -> None:
    """The dictionary knows what all filings have in common."""
    value = a_filing_event(1).value

    assert len(pack(value)) < len(value) / 3


@pytest.mark.parametrize("name", DICTIONARIES)
def test_a_dictionary_is_the_one_that_values_were_stored_with(name: str) -> None:
    """Whoever changes a byte of it makes every stored value unreadable: add another one instead."""
    stored = Path(packing.__file__).with_name(name).read_bytes()

    assert DICTIONARIES[name] == zlib.adler32(stored)


@pytest.mark.parametrize("name", STORED)
def test_what_each_version_stored_is_read_for_ever(name: str) -> None:
    """The bytes are those of the first value that was packed with each dictionary."""
    stored = base64.b64decode(STORED[name])

    assert b'{"accession":"0000320193-25-000001","form":"4"}' == unpack(stored)


def test_threads_do_not_disturb_each_other() -> None:
    """What compresses is used by one thread at a time."""
    values = [str(number).encode() * 2_000 for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda value: unpack(pack(value)), values))

    assert values == found


@pytest.mark.parametrize("name", DICTIONARIES)
def test_what_zlib_stored_with_any_of_them_is_read(name: str) -> None:
    """As versions before did; the stream says with which."""
    value = a_filing_event(1).value
    dictionary = Path(packing.__file__).with_name(name).read_bytes()
    compressor = zlib.compressobj(3, zdict=dictionary)

    assert value == unpack(compressor.compress(value) + compressor.flush())


async def test_what_an_earlier_version_stored_is_read_as_it_is(either: Database) -> None:
    """No migration rewrites the log: old rows are plain JSON, new ones are compressed."""
    old, new = a_filing_event(1), a_filing_event(2)
    async with either.transaction() as tx:
        statement = text(
            "INSERT INTO events (topic, \"key\", id, headers, value) VALUES (:topic, 'k', :id, '{}', :value)"
        )
        await tx.execute(statement, {"topic": old.topic, "id": old.id, "value": old.value})
    async with either.transaction() as tx:
        tx.emit(new)
    found = [record.value for record in await events.read(either, Topic.FILINGS, 0, 10)]

    assert [old.value, new.value] == found


async def test_a_batch_is_bounded_by_what_its_values_are_not_by_what_they_take(
    either: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filing of one repeated character takes next to nothing until it is read."""
    monkeypatch.setattr(events, "_BYTES", 250_000)
    async with either.transaction() as tx:
        tx.emit(*(a_filing_event(number, document=b"x" * 100_000) for number in range(5)))

    assert 2 == len(await events.read(either, Topic.FILINGS, 0, 10))
