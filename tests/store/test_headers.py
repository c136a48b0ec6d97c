"""Headers as they are stored: in few bytes, exactly, and beside those of versions before."""

import pytest
from sqlalchemy import insert, select, text

from service.store import Database, events
from service.store.schema import events as table
from service.wire.topics import Topic, attributes

_TIME = {"ce_time": "2025-03-03T01:10:01.571652+00:00"}
_FILING = _TIME | {"ce_subject": "0001320311-25-000001"}
_ALERT = _FILING | {"ce_workspace": "ws_2zs46dk03sc10wrx1th3khxdbc", "ce_ruleid": "rule_4agzntbvan3wf5rw3s52y3ntn8"}
HEADERS = {
    "pruned": _TIME,
    "a filing": _FILING,
    "an alert": _ALERT,
    "a whole second": _FILING | {"ce_time": "2025-03-03T01:10:01+00:00"},
    "another zone": _FILING | {"ce_time": "2025-03-03T01:10:01+01:00"},
    "ids of others": _ALERT | {"ce_workspace": "theirs", "ce_ruleid": "rule"},
    "more": _ALERT | {"traceparent": "00-1"},
    "another order": dict(reversed(_ALERT.items())),
    "none": {},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
async def test_headers_come_back_as_they_were(either: Database, headers: dict[str, str]) -> None:
    """Those that events have, and any others."""
    async with either.transaction() as tx:
        await tx.execute(insert(table).values(_row(headers)))
        assert headers == (await tx.execute(select(table.c.headers))).scalar_one()


async def test_headers_of_versions_before_are_read(database: Database) -> None:
    """They stand there as JSON, and no migration rewrites a log."""
    old = (
        "INSERT INTO events (topic, \"key\", id, headers, value) VALUES ('form4.filings', 'k', 'an id', "
        '\'{"ce_time":"2025-03-03T01:10:01.571652+00:00","ce_subject":"0001320311-25-000001"}\', X\'7B7D\')'
    )
    async with database.transaction() as tx:
        await tx.execute(text(old))
    (record,) = await events.read(database, Topic.FILINGS, 0, 10)

    assert attributes(Topic.FILINGS, "an id") | _FILING == record.headers


async def test_an_alerts_headers_take_half_of_their_json(database: Database) -> None:
    """Of which names, and ids written out, are most."""
    async with database.transaction() as tx:
        await tx.execute(insert(table).values(_row(_ALERT)))
        assert 87 == (await tx.execute(text("SELECT length(headers) FROM events"))).scalar_one()


def _row(headers: dict[str, str]) -> dict[str, object]:
    return {"topic": "form4.alerts", "key": "k", "id": "an id", "headers": headers, "value": b"{}"}
