"""``operations``: where notices go, in a terminal."""

from pathlib import Path

from tests.cli.test_watchlists_command import Terminal

_MORE = "operations: {channels: desk}\n"


def test_channels_are_chosen_shown_and_cleared(tmp_path: Path) -> None:
    """What a file does not say, people may; once it does, it is named, and what they chose gives way in plain sight."""
    terminal = Terminal(tmp_path)
    terminal.types("apply")
    none = terminal.types("operations", "show")
    untold = terminal.types("operations", "test")
    wrong = terminal.types("operations", "set", "dusk")
    chosen = terminal.types("operations", "set", "desk")
    shown = terminal.types("operations", "show")
    tested = terminal.types("operations", "test")
    cleared = terminal.types("operations", "clear")
    terminal.types("channels", "add", "pager", "type=slack", "url=https://hooks.slack.com/services/T/B/x")
    terminal.types("operations", "set", "pager")
    config = terminal.folder / "filingbell.yaml"
    config.write_text(config.read_text() + _MORE)
    applied = terminal.types("apply")
    owned = terminal.types("operations", "show")
    refused = terminal.types("operations", "clear")

    assert (0, ["notices go to nobody", "to choose some: filingbell operations set CHANNEL ..."]) == none
    assert (2, "  no channel for operations is named yet") == (untold[0], untold[1][-1])
    assert (2, "  channels.0: there is no channel 'dusk'; did you mean 'desk'?") == (wrong[0], wrong[1][-1])
    assert (0, ["notices go to desk"]) == chosen
    assert ["notices go to desk", "name a second one, which is told when the first takes nothing"] == shown[1]
    assert (1, True) == (tested[0], tested[1][0].startswith("desk did not take the sample: "))
    assert (0, ["notices go to nobody"]) == cleared
    assert "~ operations: notices go to desk (people had chosen pager)" in applied[1]
    assert ["notices go to desk", f"named in {config}: change them there, then `filingbell apply` it"] == owned[1]
    assert (2, True) == (refused[0], str(config) in refused[1][0])
