"""The configuration file: every fault tells its place and what was likely meant, and repeats no secret."""

import io
import re
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from consumers import configuration as configfile
from consumers.language.rules import watchlists
from consumers.parser.symbols import normalised
from service.cli.check import check
from service.model.errors import ConfigError
from service.model.rule import Per
from tests.kit.places import ROOT
from tests.kit.receiver import SECRET
from tests.language.files import ENVIRONMENT, GOOD, SLACK, WITH_SECRETS, faults


def test_a_good_file_is_rules_and_channels() -> None:
    """Names, thresholds and secrets from the environment."""
    configuration = configfile.parse(GOOD, "x.yaml", ENVIRONMENT)
    (rule,) = configuration.rules

    assert {"desk", "hook"} == set(configuration.channels)
    assert ("large-option-grant", Per.FILING, ("desk", "hook")) == (rule.name, rule.condition.per, rule.channels)
    assert [Decimal(100_000), Decimal(500_000)] == [claim.asked.limit for claim in rule.condition.totals]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kinds:", "kind:", "x.yaml:11:5: 'kind' is unknown here; did you mean 'kinds'?"),
        ("rules:", "rule:", "x.yaml:9:1: 'rule' is unknown here; did you mean 'rules'?"),
        (
            "kinds: option-grant",
            "kinds: option_grant",
            "x.yaml:11:5: 'option_grant' is not a kind; did you mean 'option-grant'?",
        ),
        ("[desk, hook]", "[desk, hok]", "x.yaml:16:22: there is no channel 'hok'; did you mean 'hook'?"),
        ("watchlist: ours", "watchlist: our", "x.yaml:14:5: there is no watchlist 'our'; did you mean 'ours'?"),
        ('">= 100k"', '">= lots"', "x.yaml:12:5: '>= lots' is not a threshold; write such as '>= 100k'"),
        ('">= 100k"', '">= $100k"', "x.yaml:12:5: shares is a count, not US dollars"),
        ('">= 100k"', ">= 100k", 'x.yaml:12:14: this is no YAML: put thresholds in quotes: ">= 100k"'),
        (
            "per: filing",
            "per: files",
            "x.yaml:15:5: 'files' is not a way to hold thresholds; known are",
        ),
        ("per: filing", "per: filing\n    per: row", "x.yaml:16:5: key 'per' stands twice"),
        ("    channels: [desk, hook]\n", "", "x.yaml:10:3: 'channels' is missing"),
        ("type: webhook", "type: webook", "x.yaml:4:5: 'webook' is not a type of channel; did you mean 'webhook'?"),
        ("    type: webhook\n", "", "x.yaml:3:3: 'type' is missing"),
        ("https://example.com", "http://example.com", "x.yaml:5:5: http would send the alert in the clear"),
        ("https://example.com/hook", "example", "x.yaml:5:5: this is not an address"),
        ("${HOOK_SECRET}", "${HOOK_SECRETS}", "x.yaml:6:15: the environment variable HOOK_SECRETS is not set"),
        ("{tickers: [AAPL]}", "{}", "x.yaml:8:3: the watchlist is empty"),
        ("{tickers: [AAPL]}", "{ciks: [AAPL]}", "x.yaml:8:17: 'AAPL' is not a CIK"),
        ("  large-option-grant:", "  - name:", "x.yaml:9:1: rules must be names with settings below"),
    ],
)
def test_a_fault_tells_its_line_and_what_was_likely_meant(old: str, new: str, told: str) -> None:
    """File, line, column, and what to do."""
    assert told in faults(GOOD.replace(old, new))


def test_an_unquoted_threshold_gets_a_hint() -> None:
    """To YAML, > begins a folded text."""
    assert 'put thresholds in quotes: ">= 100k"' in faults(GOOD.replace('">= 100k"', ">= 100k"))


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    """Nobody should mend them one by one."""
    text = GOOD.replace("kinds:", "kind:").replace("type: slack", "type: slak").replace("per: filing", "per: x")
    lines = [line.strip() for line in faults(text).splitlines()[1:]]

    assert ["x.yaml:2:", "x.yaml:11:", "x.yaml:15:"] == [line[: line.index(":", 7) + 1] for line in lines]


def test_a_fault_never_waits_for_another_to_be_mended() -> None:
    """Of whatever kinds they are, in one rule or several, in blocks or in braces."""
    text = """\
channels:
  desk: {type: slak, url: example, sekrets: x}
  hook: {url: example}
watchlists:
  ours: {tickers: AAPL}
  theirs: {ciks: [x]}
operations: {channels: [hok]}
rules:
  first: {kinds: purchas, shares: "=> 100", roles: [boss], per: x, plan_10b5_1: maybe, channels: [dsk]}
  second:
    kinds: [sal]
    watchlist: [our, theirs]
    channels:
      - desk
      - hok
  second: {}
"""
    lines = [line.strip().removeprefix("x.yaml:").replace("there is no ", "") for line in faults(text).splitlines()[1:]]
    told = [re.split(" is |;", line)[0] for line in lines]

    assert [
        "2:10: 'slak'",
        "2:22: this",
        "2:36: a Slack channel has no 'sekrets'",
        "3:3: 'type'",
        "3:10: this",
        "6:19: 'x'",
        "7:25: channel 'hok'",
        "9:11: 'purchas'",
        "9:27: '=> 100'",
        "9:53: 'boss'",
        "9:60: 'x'",
        "9:68: write true or false",
        "9:99: channel 'dsk'",
        "11:13: 'sal'",
        "12:17: watchlist 'our'",
        "15:9: channel 'hok'",
        "16:3: key 'second' stands twice",
    ] == told


def test_a_variable_that_is_not_set_is_one_fault() -> None:
    """That nothing is no address either goes without saying."""
    text = WITH_SECRETS.replace(f'"{SLACK}"', '"${SLACK}/${SLACK}"').replace(SECRET, "${OTHER}")
    text = text.replace("purchase", '"${KIND}"').replace(">= 100k", "${LIMIT}").replace("[desk, hook]", '"${WHOM}"')
    told = [line.strip() for line in faults(text, {}).splitlines()[1:]]

    assert [
        "x.yaml:2:23: the environment variable SLACK is not set",
        "x.yaml:7:9: the environment variable OTHER is not set",
        "x.yaml:8:9: the environment variable HOOK_SECRET is not set",
        "x.yaml:10:9: the environment variable KIND is not set",
        "x.yaml:10:27: the environment variable LIMIT is not set",
        "x.yaml:10:47: the environment variable WHOM is not set",
    ] == told


@pytest.mark.parametrize("key", ["? {a: b}\n  ", "? [a, b]\n  ", "? {a: {b: c}}\n  ", "", "~"])
def test_a_key_that_is_no_name_is_refused(key: str) -> None:
    """YAML has such keys."""
    assert "x.yaml:10:" in (told := faults(GOOD.replace("large-option-grant:", f"{key}:")))
    assert "a key must be a name" in told


@pytest.mark.parametrize("value", ["!this purchase", "!!set {purchase}", "!!omap purchase", "!this [purchase]", "!x"])
def test_tags_are_refused(value: str) -> None:
    """A rule must not rest on what this file format has no use for."""
    told = faults(GOOD.replace("kinds: option-grant", f"kinds: {value}"))

    assert "x.yaml:11:12: tags (such as !this) mean nothing here; take it away" in told


@pytest.mark.parametrize(
    "text", ["", "[]", "just text", "channels:\n", "rules:\n", "channels: {}\nrules: {}\n", "a: {b"]
)
def test_a_file_that_configures_nothing_is_a_clear_error(text: str) -> None:
    """It would never alert."""
    assert "x.yaml" in faults(text)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rules:", "operations:\n  channels:\nrules:", "10:3: name at least one channel, as in: channels: desk"),
        ("rules:", "operations: {channels: []}\nrules:", "9:14: name at least one channel, as in: channels: desk"),
        ("[desk, hook]", "[]", "16:5: name at least one channel, as in: channels: desk"),
        ('["${HOOK_SECRET}"]', "[]", '6:5: name at least one secret, as in: secrets: ["${WEBHOOK_SECRET}"]'),
        ("kinds: option-grant", "kinds: []", "11:5: name at least one kind, as in: kinds: purchase"),
        ("kinds: option-grant", "kinds:", "11:5: name at least one kind, as in: kinds: purchase"),
        ("[AAPL]", "[]", "8:10: name at least one ticker, as in: tickers: [AAPL, BRK.B]"),
        ("[AAPL]", "[0123]", "8:20: a ticker begins with a letter; a CIK belongs below 'ciks'"),
        ("[AAPL]", "[TRUE]", '8:20: without quotes TRUE is yes or no to YAML, not a ticker: write "TRUE"'),
        ("[AAPL]", "[NULL]", '8:20: without quotes NULL is nothing to YAML, not a ticker: write "NULL"'),
        ("[AAPL]", "[[AAPL]]", "8:20: one text must stand here"),
        (
            "tickers: [AAPL]",
            "owners: [1214156]",
            "8:19: without quotes YAML reads a number here, not a text: put it in quotes",
        ),
        ("kinds: option-grant", "plan_10b5_1: maybe", "11:5: write true or false"),
        (
            "kinds: option-grant",
            "amendments: [no]",
            "11:5: one way to take amendments must stand here, no list",
        ),
        ("kinds: option-grant", "plan_10b5_1:", "11:5: nothing stands here"),
        ("kinds: option-grant", "ownership:", "11:5: name at least one ownership"),
        ("kinds: option-grant", "price:", "11:5: nothing stands here"),
        (
            "kinds: option-grant",
            "description: 5",
            "11:5: without quotes YAML reads a number here, not a text: put it in quotes",
        ),
        ("https://example.com/hook", "https://[bad", "5:5: this is not an address; it must be as https://"),
        ("https://example.com/hook", "https://x:99999/", "5:5: this is not an address; it must be as https://"),
        ("https://example.com/hook", "https://x:port/", "5:5: this is not an address; it must be as https://"),
        ("https://example.com/hook", "https://x y/", "5:5: this is not an address; it must be as https://"),
        (
            "https://example.com/hook",
            "https://a\u2100b/TOPSECRET",
            "5:5: this is not an address; it must be as https://",
        ),
    ],
)
def test_a_fault_says_what_to_write(old: str, new: str, told: str) -> None:
    """Not what the libraries call it."""
    said = faults(GOOD.replace(old, new))

    assert f"x.yaml:{told}" in said
    assert 2 == len(said.splitlines())
    assert "TOPSECRET" not in said


@pytest.mark.parametrize(
    "ticker",
    [
        "BRK B",
        "",
        " ",
        "A,B",
        "$AAPL",
        "AAPL;DROP",
        "NYSE:IBM",
        "0123",
        "N/A",
        "none",
        ".",
        "BRK.B.",
        "AA\u0131",
        "A" * 11,
    ],
)
def test_a_ticker_that_no_filing_can_have_is_refused(ticker: str) -> None:
    """It would wait for ever, and nobody would know."""
    said = faults(GOOD.replace("[AAPL]", f'[IBM, "{ticker}"]'))

    assert f"x.yaml:8:25: {ticker!r} is not a ticker, such as AAPL or BRK.B" in said


def test_a_ticker_with_ornaments_is_told_without() -> None:
    """The dollar is Twitter's."""
    assert "; did you mean 'AAPL'?" in faults(GOOD.replace("[AAPL]", "[$AAPL]"))


@settings(deadline=None)  # the machine may be busy
@given(st.text("ABC19./- $,;:()", max_size=6))
def test_every_ticker_that_is_not_refused_is_found(ticker: str) -> None:
    """In a filing that writes it just so."""
    with suppress(ConfigError):
        (ours,) = watchlists({"ours": {"tickers": [ticker]}}).values()
        assert ours.tickers == set(normalised(ticker))


@pytest.mark.parametrize("owner", ["", " ", ",", "12345678901", "\u0661"])
def test_an_owner_that_is_none_is_refused(owner: str) -> None:
    """No word at all would stand in every owner's name, and alert on every filing."""
    said = faults(GOOD.replace("tickers: [AAPL]", f'owners: ["Brin Sergey", "{owner}"]'))

    assert f"x.yaml:8:34: {owner!r} is not a" in said


@pytest.mark.parametrize("name", ["", " ", "two\\nlines", "a\\tb", "\\e[31m"])
@pytest.mark.parametrize(("old", "line"), [("large-option-grant", 10), ("hook", 3), ("ours", 8)])
def test_a_name_can_be_read(name: str, old: str, line: int) -> None:
    """It stands in alerts, logs and labels."""
    told = faults(GOOD.replace(f"  {old}:", f'  "{name}":'))

    assert f"x.yaml:{line}:3: a name" in told


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    """It says how to go on."""
    with pytest.raises(ConfigError, match="there is no configuration file"):
        configfile.load(tmp_path / "absent.yaml")


def test_a_file_that_is_none_says_what_to_name(tmp_path: Path) -> None:
    """A folder, or what is no text."""
    with pytest.raises(ConfigError, match="is a folder; name the file"):
        configfile.load(tmp_path)
    binary = tmp_path / "filingbell.db"
    binary.write_bytes(b"SQLite \xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not text in UTF-8") as caught:
        configfile.load(binary)
    assert "xff" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Some editors put it before the text."""
    file = tmp_path / "x.yaml"
    file.write_text(GOOD, encoding="utf-8-sig")

    assert configfile.load(file, ENVIRONMENT).rules


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab>=$1k{}:-", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
_keys = st.sampled_from(
    [
        "kinds",
        "shares",
        "roles",
        "watchlist",
        "per",
        "plan_10b5_1",
        "ownership",
        "channels",
        "type",
        "any_of",
        "not",
        "exclude",
        "when",
        "priority",
        "amendments",
        "filed_on",
        "holding_change",
        "joint",
        "flags",
        "except",
        "tickers",
    ]
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["channels", "watchlists", "rules"]), _anything)
    | st.fixed_dictionaries({"rules": st.dictionaries(st.just("r"), st.dictionaries(_keys, _anything))})
    | st.fixed_dictionaries({"watchlists": st.dictionaries(st.just("w"), st.dictionaries(_keys, _anything))})
    | st.fixed_dictionaries({"channels": st.dictionaries(st.just("c"), st.dictionaries(_keys, _anything))})
)
def test_whatever_stands_in_the_file_it_is_used_or_refused_clearly(tree: object) -> None:
    """Never a traceback."""
    text = io.StringIO()
    YAML().dump(tree, text)
    with suppress(ConfigError):
        configfile.parse(text.getvalue(), "x.yaml", {})


def test_what_no_rule_uses_is_worth_a_remark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no error, but hardly meant."""
    file = tmp_path / "x.yaml"
    text = GOOD.replace("${HOOK_SECRET}", SECRET).replace("[desk, hook]", "desk")
    file.write_text(text.replace("  ours:", "  theirs: {ciks: 1018724}\n  ours:"))
    check(file)
    shown = capsys.readouterr().out

    assert "watchlist theirs is used by no rule" in shown
    assert "channel hook is used by no rule, nor for operations" in shown
    assert "ours is used" not in shown


def test_the_example_of_the_readme_can_be_used() -> None:
    """It is the first file that a user writes."""
    readme = (ROOT / "README.md").read_text()
    example = readme.split("```yaml\n")[1].split("```")[0]
    variables = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X", "WEBHOOK_SECRET": SECRET}

    assert 2 == len(configfile.parse(example, "filingbell.yaml", variables).rules)
