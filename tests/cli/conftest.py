"""What the tests of commands share."""

from pathlib import Path

import pytest

from tests.kit.command import configured


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder, with a configuration beside it."""
    return configured(tmp_path)
