"""What the documents say is where, is there."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_DOCUMENTS = sorted([*_ROOT.glob("*.md"), *_ROOT.joinpath("docs").rglob("*.md")])
_FOLDERS = ("service", "consumers", "tests", "bench")
_MODULES = {path.relative_to(_ROOT).as_posix() for folder in _FOLDERS for path in (_ROOT / folder).rglob("*.py")}
_NAMED = re.compile(r"`([\w/]+\.py)`|`((?:service|consumers|tests|bench)/[\w/]+)/?`")
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.relative_to(_ROOT).as_posix())
def test_modules_and_pages_that_a_document_names_are_there(document: Path) -> None:
    """Under their whole path, or the end of it."""
    text = document.read_text()
    named = {module or folder for module, folder in _NAMED.findall(text)}
    links = set(_LINK.findall(text))

    gone = [one for one in named if not _is_there(one)]
    gone += [link for link in links if not (document.parent / link).exists()]
    assert [] == sorted(gone)


def _is_there(named: str) -> bool:
    if named.endswith(".py"):
        return any(f"/{module}".endswith(f"/{named}") for module in _MODULES)
    return (_ROOT / named).exists()
