"""docs/notices.md says of every event and field what the code does."""

import subprocess
import sys

from service.model.notice import EventType, Notice, NoticeKind
from service.watch.checks.page import page
from tests.kit.places import DOCS


def test_the_page_is_what_the_command_writes() -> None:
    """Run `python -m service.watch.checks > docs/notices.md` after a change of checks."""
    written = subprocess.run([sys.executable, "-m", "service.watch.checks"], capture_output=True, text=True, check=True)

    assert page() == written.stdout
    assert page() == (DOCS / "notices.md").read_text()


def test_every_event_kind_and_field_is_on_the_page() -> None:
    """Each begins a row of its own."""
    rows = {line.split(" | ")[0].lstrip("| ").strip("`") for line in page().splitlines() if line.startswith("| ")}
    fields = {name for name in Notice.__struct_fields__ if name != "type"}

    assert set() == {*EventType, *NoticeKind, *fields} - rows
    assert {kind.name for kind in NoticeKind} | {"RECOVERED"} == {event.name for event in EventType}
