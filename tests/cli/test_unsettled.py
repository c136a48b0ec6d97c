"""What a demo says of what has not come through."""

from pathlib import Path

import pytest

from service.cli import unsettled
from service.cli.screen import Screen
from service.store.database import open_database
from tests.kit.given_up import FIRST, SECOND, owe


async def test_what_waits_for_a_channel_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a demo's receiver is not there, the filings themselves are all through."""
    database = await open_database(f"sqlite:///{tmp_path}/filingbell.db")
    await owe(database, "a1", FIRST, "desk")
    await owe(database, "a2", SECOND, "desk")
    await unsettled.tell(Screen(), database, [])
    await database.close()

    assert "  desk: 2 messages wait; the last answer: none\n" == capsys.readouterr().out
