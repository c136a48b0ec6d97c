"""What a person types: ``apply`` and the commands on rules, watchlists and channels, also where it is wrong."""

import json
import os
from pathlib import Path

import pytest

from service.model.delivery import Obligation
from service.model.identity import DEFAULT, ChannelId
from service.model.message import Message, MessageKind
from service.model.resource import ResourceKind
from service.store import deliveries, messages
from service.store import resources as stored
from service.store.database import open_database
from tests.kit.filings import now
from tests.kit.forked import called

CANARY = "https://hooks.slack.com/services/T0/B0/CANARY"
CONFIG = f"""
channels: {{desk: {{type: slack, url: "{CANARY}"}}}}
rules: {{buys: {{kinds: purchase, channels: desk}}}}
"""


class Terminal:
    """Where commands are typed: a folder that is home as well, with a configuration file that nobody has applied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "filingbell.yaml").write_text(CONFIG)

    def types(self, *arguments: str, given: str = "") -> tuple[int, str]:
        """Exit status, and what is printed; *given* is what standard input has."""
        environment = os.environ | {"FILINGBELL_HOME": str(self.folder / "home"), "COLUMNS": "120"}
        done = called(*arguments, environment=environment, folder=self.folder, given=given.encode())
        assert "CANARY" not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal of its own."""
    return Terminal(tmp_path)


def test_the_first_apply_makes_the_database(terminal: Terminal) -> None:
    """No service has to run first."""
    assert (0, "+ channel desk\n+ rule buys\n") == _first(terminal.types("apply"), 2)
    assert (0, "filingbell.yaml is applied already: nothing to change\n") == terminal.types("apply")


def test_a_number_is_a_number_however_it_is_given(terminal: Terminal) -> None:
    """On the command line as in a file."""
    terminal.types("channels", "add", "desk", "type=slack", f"url={CANARY}", "pace_seconds=3")
    terminal.types("channels", "add", "fast", "type=slack", f"url={CANARY}", "pace_seconds=0.25")
    shown = [one["settings"]["pace_seconds"] for one in json.loads(terminal.types("channels", "list", "--json")[1])]

    assert [3, 0.25] == shown
    assert "is so already" in terminal.types("channels", "edit", "desk", "pace_seconds=3.0")[1]


def test_lists_are_in_the_words_of_check(terminal: Terminal) -> None:
    """A rule that asks for nothing is of every filing, and nothing is shown as Python writes it."""
    terminal.types("apply")
    terminal.types("rules", "add", "all", "channels=desk")
    terminal.types("watchlists", "add", "ours", "tickers=AAPL", "except={owners: [Doe Jane, Roe Max]}")

    assert "every filing; channels: desk" in terminal.types("rules", "list")[1]
    assert "read as: every filing" in terminal.types("rules", "show", "all")[1]
    assert "tickers: AAPL, except: (owners: Doe Jane/Roe Max)" in terminal.types("watchlists", "list")[1]


def test_a_company_that_is_watched_does_not_read_as_an_owner(terminal: Terminal) -> None:
    """A watchlist has companies as well, so that it is told before what an owner is."""
    terminal.types("apply")
    terminal.types("watchlists", "add", "ours", "tickers=AAPL")
    terminal.types("rules", "add", "ceo", "roles=ceo", "watchlist=ours", "channels=desk")

    assert "read as: on watchlist ours and an owner is ceo\n" in terminal.types("rules", "show", "ceo")[1]


def test_what_a_new_workspace_says_to_call_can_be_called(terminal: Terminal) -> None:
    """Its name may hold a space."""
    terminal.types("apply")
    said = terminal.types("workspaces", "add", "night desk")[1]

    assert "filingbell rules list --workspace 'night desk'\n" in said


def test_a_lost_key_is_told_and_made_anew_only_by_giving_secrets_again(terminal: Terminal) -> None:
    """What reads works without it, or says what to do; applying the file makes one, and brings the channel back."""
    key = terminal.folder / "home" / "key"
    terminal.types("apply")
    key.unlink()
    listed, tested = terminal.types("channels", "list"), terminal.types("channels", "test", "desk")
    lost = key.exists()
    applied = terminal.types("apply")

    assert (0, False) == (listed[0], lost)
    assert f"Not recorded: the key {key} is missing" in tested[1]
    assert (0, True) == (applied[0], key.exists())
    assert "~ channel desk" in applied[1]


async def test_what_waits_for_a_channel_is_said_when_it_is_removed(terminal: Terminal) -> None:
    """It is kept, and what to do with it stands there."""
    terminal.types("apply")
    database = await open_database(f"sqlite:///{terminal.folder}/home/filingbell.db")
    (desk,) = [one for one in (await stored.every(database))[1] if one.kind is ResourceKind.CHANNEL]
    async with database.transaction() as tx:
        await messages.keep(tx, [Message(id="a1", kind=MessageKind.ALERT, workspace=DEFAULT, value=b"{}")], now())
        await deliveries.keep(tx, [("a1", Obligation(channel=ChannelId(desk.id), due=now()))], now())
    await database.close()
    (terminal.folder / "filingbell.yaml").write_text(CONFIG.replace("desk", "team"))

    told = terminal.types("apply", "--dry-run")[1]
    assert "- channel desk (1 delivery waits for it, and stays: filingbell deliveries move desk OTHER)\n" in told


def test_nothing_is_removed_where_nobody_can_be_asked(terminal: Terminal) -> None:
    """It names what would go, and how to let it."""
    terminal.types("apply")
    (terminal.folder / "filingbell.yaml").write_text(CONFIG.replace("buys", "purchases"))

    status, said = terminal.types("apply")
    assert (2, True) == (status, "this would remove buys; to do so without being asked, add --yes" in said)
    assert ["buys"] == [one["name"] for one in json.loads(terminal.types("rules", "list", "--json")[1])]
    assert 0 == terminal.types("apply", "--yes")[0]


def test_a_channel_is_changed_without_giving_its_secret_again(terminal: Terminal) -> None:
    """By a setting, and by what ``show`` printed."""
    terminal.types("channels", "add", "desk", "type=slack", f"url={CANARY}")
    assert 0 == terminal.types("channels", "edit", "desk", "pace_seconds=3")[0]
    shown = terminal.types("channels", "show", "desk")[1].split("\n\n")[1]

    assert "is so already" in terminal.types("channels", "edit", "desk", "--file", "-", given=shown)[1]
    assert "is so already" in terminal.types("channels", "edit", "desk", f"url={CANARY}")[1]


WRONG = [
    (("edit", "desk"), "say what to change"),
    (("edit", "desk", "pace_second=3"), "did you mean 'pace_seconds'?"),
    (("edit", "desk", "pace="), "pace= removes a setting that is not there; there are: type, url"),
    (("edit", "desk", "type=slack", "type=slack"), "type= is given twice"),
    (("edit", "desk", f"url=[{CANARY}"), "url=:1:"),
    (("edit", "desk", CANARY), "write KEY=VALUE"),
    (("edit", "desk", "--file", "nowhere.yaml"), "there is no file nowhere.yaml"),
    (("edit", "desk", "--file", "."), "is a folder"),
    (("edit", "desk", "--file", "-"), "standard input:1:101: this is nested too deeply"),
    (("edit", "disk", "type=slack"), "there is no channel 'disk'; this workspace has: desk"),
    (("list", "--workspace", "none"), "there is no workspace 'none'; there are: default"),
]


@pytest.mark.long
def test_a_wrong_call_says_what_to_write(terminal: Terminal) -> None:
    """In one message, with exit status 2; nothing is changed, and no secret is repeated."""
    terminal.types("channels", "add", "desk", "type=slack", f"url={CANARY}")
    before = terminal.types("channels", "show", "desk", "--json")

    for arguments, told in WRONG:
        status, said = terminal.types("channels", *arguments, given="[" * 2000)
        assert (2, True) == (status, said.startswith("filingbell: ") and told in said), said
    assert before == terminal.types("channels", "show", "desk", "--json")


def _first(answer: tuple[int, str], lines: int) -> tuple[int, str]:
    status, said = answer
    return status, "".join(said.splitlines(keepends=True)[:lines])
