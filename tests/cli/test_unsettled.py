"""What a demo says of what has not come through."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.cli import unsettled
from service.cli.screen import Screen
from service.store import holds
from service.store.database import open_database
from tests.kit.given_up import FIRST, SECOND, owe


async def test_what_waits_for_a_channel_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is held until a time has not been tried, and is no failure."""
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    await owe(database, "a1", FIRST, "desk", "night")
    await owe(database, "a2", SECOND, "desk")
    async with database.transaction() as tx:
        await holds.hold(tx, [("night", "a1")], datetime(2026, 11, 26, 12, tzinfo=UTC))
    await unsettled.tell_waiting(Screen(), database)
    await database.close()

    said = " ".join(capsys.readouterr().out.split())
    assert "desk: 2 messages wait for the first try" in said
    assert "night: 1 message is held until 2026-11-26 07:00 EST (quiet hours, a digest, or a maximum an hour)" in said
