"""A real browser for the tests of this folder."""

import pytest

from tests.conftest import missing
from tests.servers.server import CannotStart
from tests.web.journey.chromium import chromium

REQUIRED = "FILINGBELL_TEST_REQUIRE_CHROMIUM"  # fail instead of skipping


@pytest.fixture(scope="session")
def executable() -> str:
    """Where Chromium is; without it the test is skipped, or fails where it is required."""
    try:
        return chromium()
    except CannotStart as error:
        missing("Chromium", error, REQUIRED)
