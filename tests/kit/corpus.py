"""How tests reach the corpus of real filings: the environment variable FORM4_CORPUS names its folder.

Nothing of it is copied here; without it, the tests that need it are skipped, and say so.
"""

import os
from pathlib import Path

import pytest

UNSET = "FORM4_CORPUS is not set: it names the folder with the corpus of real filings, without which this is NOT tested"
DOCUMENTS = ("form3", "form4", "form5", "submission", "spec-sample")
FEEDS = ("feed_type4_20251212", "feed_all_20251212", "feed_count40")


def corpus() -> Path:
    """The corpus; without one the test is skipped, with a wrong one it fails."""
    named = os.environ.get("FORM4_CORPUS")
    if not named:
        pytest.skip(UNSET)
    return _checked(named)


def each_file(*folders: str) -> pytest.MarkDecorator:
    """Runs a test once for every file in *folders* of the corpus, as its argument ``path``."""
    named = os.environ.get("FORM4_CORPUS")
    if not named:
        return pytest.mark.parametrize("path", [pytest.param(None, id="no-corpus", marks=pytest.mark.skip(UNSET))])
    root = _checked(named)
    paths = [path for folder in folders for path in sorted((root / folder).iterdir()) if path.is_file()]
    return pytest.mark.parametrize("path", paths, ids=[f"{path.parent.name}/{path.stem}" for path in paths])


def _checked(named: str) -> Path:
    root = Path(named).resolve()
    missing = [folder for folder in (*DOCUMENTS, *FEEDS, "http") if not (root / folder).is_dir()]
    if missing:
        raise pytest.UsageError(f"FORM4_CORPUS is {named}, which lacks the folders {', '.join(missing)}")
    return root
