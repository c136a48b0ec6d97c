"""What several test modules stand on: real databases, a real look-alike of EDGAR, a real receiver."""

import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from service.store import Database
from service.store.database import open_database


def pytest_report_header() -> str:
    """Say what the run has to test against."""
    corpus = os.environ.get("FORM4_CORPUS")
    return f"corpus of real filings: {corpus or 'none: set FORM4_CORPUS, or the tests that need it are skipped'}"


_figures: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests measured: figures to read, never to fail on."""
    if _figures:
        terminalreporter.section("figures")
        for figure in _figures:
            terminalreporter.write_line(figure)


@pytest.fixture
def figures() -> list[str]:
    """Lines to be printed at the end of the run."""
    return _figures


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """Logs go nowhere, unless a test asks for them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A new database, as `insiderwire run` makes it."""
    opened = await open_database(f"sqlite:///{tmp_path}/state/insiderwire.db")
    yield opened
    await opened.close()
