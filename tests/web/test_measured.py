"""What measures the pages meets each of them, however little there is."""

from pathlib import Path

import pytest

from bench import pages


@pytest.mark.long
async def test_every_page_is_measured_with_a_single_filing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each answers, and none is left out for want of what stands in its path."""
    await pages.main(1, 1, tmp_path, times=1)
    told, *_, last = capsys.readouterr().out.splitlines()

    assert told.startswith("pages, SQLite, 1 filing and 1 alert for 1,000 rules")
    assert "/why?filing=" in last


@pytest.mark.long
async def test_no_page_that_is_measured_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every page answers 200: the time of a refusal is not the page's."""
    await pages.main(20, 100, tmp_path, times=1)
    figures = [line for line in capsys.readouterr().out.splitlines() if " ms, " in line]

    assert 30 < len(figures)
    assert not [line for line in figures if "answers" in line]
