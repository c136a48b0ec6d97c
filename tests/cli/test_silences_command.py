"""``silences``: made, listed and ended in a terminal."""

from pathlib import Path

from tests.cli.test_watchlists_command import Terminal


def test_a_silence_is_made_shown_and_ended(tmp_path: Path) -> None:
    """Its id alone goes to standard output; what is wrong is said, where and how to write it."""
    terminal = Terminal(tmp_path)
    wrong = terminal.types("silences", "add", "--kind", "gifts", "--for", "1d", "--reason", "x")
    endless = terminal.types("silences", "add", "--ticker", "AAPL", "--reason", "x")
    code, (made, told) = terminal.types("silences", "add", "--ticker", "aapl", "--for", "2d", "--reason", "earnings")
    listed = terminal.types("silences", "list")[1]
    status = terminal.types("status")[1]
    ended = terminal.types("silences", "remove", made)[1]
    none = terminal.types("silences", "list")[1]

    assert (2, "  kinds.0: there is no kind 'gifts'; did you mean gift?") == (wrong[0], wrong[1][-1])
    assert (2, "filingbell: say for how long: --for 1d, or --until 2026-11-30") == (endless[0], endless[1][-1])
    assert (0, True, True) == (code, made.startswith("sil_"), told.startswith("silenced until "))
    assert (True, True) == (listed[0].endswith("company AAPL"), listed[1].startswith("  earnings (cli:"))
    assert "1 silence holds, 0 deliveries not sent for it: filingbell silences list" in status
    assert [f"ended silence {made}"] == ended
    assert ["no silence is active: filingbell silences add --ticker AAPL --for 1d --reason WHY"] == none
