"""What commands print on a terminal, wide or narrow, and into a pipe."""

import re
from collections.abc import Iterator

import pytest
import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from service.cli.app import app
from service.cli.init import init
from service.cli.screen import Screen
from service.model.errors import ConfigError
from service.words import eastern, shortened
from tests.kit.filings import now

LONG = "Table II row 1, box 4: kind is option-grant and exercise_value >= $500,000: $582,000"


@pytest.fixture(params=[40, 80])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How wide the terminal is."""
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


def test_what_is_wrapped_begins_where_its_first_line_does(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the eye finds the next entry."""
    Screen().hang(Text("  yes     "), Text(LONG))
    first, *rest = capsys.readouterr().out.splitlines()

    assert first.startswith("  yes     Table II row 1")
    assert rest
    assert all(re.match(r" {10}\S", line) for line in rest)
    assert all(len(line) <= columns and line == line.rstrip() for line in [first, *rest])
    assert LONG.split() == " ".join([first[10:], *rest]).split()


def test_into_a_pipe_nothing_is_wrapped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """For grep and diff, which count lines."""
    monkeypatch.delenv("COLUMNS", raising=False)
    Screen().hang(Text("  yes     "), Text(LONG * 9))

    assert f"  yes     {LONG * 9}\n" == capsys.readouterr().out


def test_a_table_that_does_not_fit_is_shown_row_by_row(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """No word of it is cut."""
    table = Table("Station", "Count", "p50", "p90", "p99", "Longest")
    table.add_row("EDGAR accepted it -> received", "1000", "120.5 s", "120.5 s", "120.5 s", "1 day, 0:00:01")
    Screen().put(table)
    shown = capsys.readouterr().out

    assert all(len(line) <= columns for line in shown.splitlines())
    assert {"Station", "EDGAR", "Longest", "120.5"} - {"Station"} <= set(shown.split())
    assert ("p90" in shown.splitlines()[0] or "┃" in shown) == (columns == 80)


def test_a_text_is_shortened_between_words() -> None:
    """And says that it is."""
    assert "404 Not Found" == shortened("404 Not Found", 13)
    assert "404 Not ..." == shortened("404 Not Found", 12)
    assert "404404..." == shortened("4044044044", 9)


def test_a_time_has_the_zone_of_new_york() -> None:
    """Whatever the machine's is."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d E[SD]T", eastern(now(), seconds=True))


def commands(group: TyperGroup, *names: str) -> Iterator[tuple[str, str]]:
    """The call and the help of *group* and of every command below it."""
    context = typer.Context(group, info_name="filingbell", terminal_width=80)
    yield " ".join(names), group.get_help(context)
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *names, name)
        else:
            yield " ".join([*names, name]), command.get_help(typer.Context(command, info_name=name, terminal_width=80))


HELP = dict(commands(typer.main.get_command(app)))  # type: ignore[arg-type]  # it is a group


@pytest.mark.parametrize("call", HELP)
def test_help_is_in_whole_words_of_whoever_calls(call: str) -> None:
    """No summary breaks off, no type of Python's is named, and every option says what it does."""
    shown = HELP[call]

    assert "...\n" not in shown.partition("\n")[2]
    assert not re.search(r"<[a-z]+", shown)
    assert not re.search(r"^  -\S+( [A-Z|]+)?$(?!\n {6})", shown, re.MULTILINE)
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_init_writes_what_can_be_used_once_its_variable_is_set(
    tmp_path: "pytest.TempPathFactory", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says which, and the next commands. It never replaces a file."""
    from service.cli.check import check

    file = tmp_path / "mine.yaml"
    init(file)
    told = capsys.readouterr().out
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/x")
    check(file)

    assert "1 warning" not in capsys.readouterr().out
    for text in ("SLACK_WEBHOOK_URL", "FILINGBELL_SEC_CONTACT", "check", "channels test desk", "run"):
        assert text in told
    assert f"filingbell check --config {file}" in told
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        init(file)
    assert "mine" == file.read_text()
