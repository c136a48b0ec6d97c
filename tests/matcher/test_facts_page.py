"""docs/facts.md says of every fact what the code does."""

import subprocess
import sys
from pathlib import Path

from consumers.matcher.facts.page import page
from consumers.matcher.facts.registry import FACTS

PAGE = Path(__file__).parents[2] / "docs/facts.md"


def test_the_page_is_what_the_command_writes() -> None:
    """Run `python -m consumers.matcher.facts > docs/facts.md` after a change of facts."""
    written = subprocess.run(
        [sys.executable, "-m", "consumers.matcher.facts"], capture_output=True, text=True, check=True
    )

    assert page() == written.stdout
    assert page() == PAGE.read_text()


def test_every_fact_and_every_word_is_on_the_page() -> None:
    """In a row of its own, or in the list of its words."""
    text = PAGE.read_text()

    assert all(f"| `{name}` | {fact.type}" in text for name, fact in FACTS.items())
    assert all(f"`{word}`" in text for fact in FACTS.values() for word in fact.words or ())
