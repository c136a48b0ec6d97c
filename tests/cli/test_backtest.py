"""``backtest`` as its users call it."""

import json
import re
from pathlib import Path

import pytest

from tests.kit.command import run
from tests.kit.quarters import a_quarter

_RULES = """
channels: {desk: {type: slack, url: "https://hooks.slack.com/services/T/B/x"}}
rules:
  bought: {kinds: purchase, channels: desk}
  sold: {kinds: sale, value: ">= $1m", channels: desk}
"""
_SPAN = ("--since", "2024-07-01", "--until", "2024-10-01")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with 200 filings of a quarter, and a file with two rules."""
    folder = tmp_path_factory.mktemp("backtest")
    (folder / "rules.yaml").write_text(_RULES)
    (folder / "others.yaml").write_text(_RULES.replace("$1m", "$300m"))
    run(folder, "history", "import", str(a_quarter(200).zipped(folder / "2024q3.zip")))
    return folder


def test_a_file_s_rules_are_held_against_the_past(home: Path) -> None:
    """How often, when and for whom each would have rung, and what that comes to."""
    done = run(home, "backtest", "rules.yaml", *_SPAN)
    said = run(home, "backtest", "rules.yaml", *_SPAN, "--json")
    bought, sold = json.loads(said.stdout)

    assert (0, 0) == (done.returncode, said.returncode), done.stderr
    assert ("bought", "sold") == (bought["rule"], sold["rule"])
    assert 0 < sold["found"]["rang"] < sold["found"]["filings"] == 200
    assert 0 == sold["found"]["held"]  # which the first call has done
    assert len(bought["found"]["rings"]) == bought["found"]["rang"] == sum(bought["found"]["by_day"].values())
    for part in ("It would have rung", "a week, on", "Alerts a week", "Company", "Insider", "The latest 10"):
        assert part in done.stdout
    assert next(iter(bought["found"]["rings"])) in done.stdout
    assert done.stderr == ""
    words = " ".join(done.stdout.split())
    assert re.search(r"of which \d+ had to be read \(their facts are kept now: the next backtest is faster\)", words)


def test_two_forms_of_a_rule_are_compared(home: Path) -> None:
    """By name; what only one of them would have told is listed."""
    done = run(home, "backtest", "rules.yaml", "--diff", "others.yaml", *_SPAN)
    first = re.findall(r"In the first form alone \((\d+)\)", done.stdout)

    assert 0 == done.returncode
    assert [True] == [int(count) > 0 for count in first]
    assert "In the second form alone" not in done.stdout


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("rules.yaml", "--since", "soon"), "--since 'soon' is not a time"),
        (("nobody",), "nobody"),
    ],
)
def test_what_cannot_be_done_says_why(home: Path, call: tuple[str, ...], said: str) -> None:
    """Before anything is read."""
    done = run(home, "backtest", *call)

    assert 2 == done.returncode
    assert said in done.stderr.replace("\n", " ")
