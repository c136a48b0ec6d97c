"""What people write out of habit: each is refused at its line and column, with what to write."""

import pytest

from consumers import configuration as configfile
from consumers.dispatcher.channels import CHANNELS
from service.model.errors import ConfigError

FILE = """\
channels:
  desk: {type: slack, url: "https://hooks.slack.com/services/T/B/X"}
watchlists:
  ours:
    tickers: [AAPL]
operations:
  channels: desk
rules:
  big:
    kinds: purchase
    value: ">= $100k"
    watchlist: ours
    channels: desk
"""
VALUE, KINDS, TICKERS = 'value: ">= $100k"', "kinds: purchase", "tickers: [AAPL]"
SLACK, WHOLE = "type: slack", "write a whole number from 1 to 600"
THREES = "commas separate thousands, in threes, and a point the decimals"

BROKEN = [
    # YAML itself
    ("    kinds", "\tkinds", "10:1: this is no YAML: a tab stands here; indent with spaces"),
    (VALUE, "value: >= $100k", '11:13: this is no YAML: put thresholds in quotes: ">= 100k"'),
    (VALUE, "value: >500k", '11:14: this is no YAML: put thresholds in quotes: ">= 100k"'),
    (VALUE, "value: >5", "11:5: one threshold must stand here, in quotes, such as '>= $500k'"),
    (VALUE, "value: % 5", "11:12: this is no YAML: no text begins with this sign; put it in quotes"),
    (VALUE, "value: @home", "11:12: this is no YAML: no text begins with this sign; put it in quotes"),
    (VALUE, "value: `5`", "11:12: this is no YAML: no text begins with this sign; put it in quotes"),
    (VALUE, "description: *all", "11:18: this is no YAML: '*' refers to another place of the file"),
    (VALUE, "description: Buys: big", "11:22: this is no YAML: a colon stands where none can"),
    (VALUE, 'description: "Big', "11:18: this is no YAML: a quote that begins here is never closed"),
    (VALUE, 'description: "C:\\dir"', "11:22: this is no YAML: a backslash changes what follows"),
    (VALUE, 'description: "Big" buys', "11:24: this is no YAML: something stands behind the closing quote"),
    (VALUE, "description: - big", "11:18: this is no YAML: a list begins on a line of its own, or is written [a, b]"),
    (TICKERS, "tickers: [AAPL", "6:11: this is no YAML: the list that begins with [ needs a comma or ] here"),
    (TICKERS, "tickers: [AAPL}", "5:19: this is no YAML: the list that begins with [ needs a comma or ] here"),
    (
        TICKERS,
        "tickers: AAPL]",
        "5:5: 'AAPL]' is not a ticker, such as AAPL or BRK.B, one for each entry; did you mean",
    ),
    ("    value", "   value", "11:4: this is no YAML: this line is indented otherwise than those it belongs to"),
    ("    value", "      value", "11:12: this is no YAML: a colon stands where none can: indent as the lines around"),
    ("rules:", "rules", "9:6: this is no YAML: a colon is missing on this line or the one before"),
    ("rules:", "---\nrules:", "8:1: this is no YAML"),
    (VALUE, "value: !dollars 5", "11:12: tags (such as !this) mean nothing here; take it away"),
    (VALUE, f"{VALUE}\n    {VALUE}", "12:5: key 'value' stands twice"),
    # numbers
    (VALUE, 'value: ">= $1,5m"', f"11:5: '>= $1,5m': {THREES}; write '>= $1,500,000'"),
    (VALUE, "value: $1,5m", f"11:5: '$1,5m': {THREES}; write '>= $1,500,000'"),
    (VALUE, 'value: "1.000.000"', f"11:5: '1.000.000': {THREES}; write '>= $1,000,000'"),
    (
        VALUE,
        "value: 100.000",
        "11:5: '100.000' can be read in two ways: write 100,000 or 100000 for thousands, 100.0 for",
    ),
    (VALUE, 'value: "1 000 000"', f"11:5: '1 000 000': {THREES}; write '>= $1,000,000'"),
    (VALUE, "value: 1'000'000", f"11:5: \"1'000'000\": {THREES}; write '>= $1,000,000'"),
    (VALUE, "value: 5%", "11:5: '5%': value is in US dollars, not a percentage; write such as '>= $500k'"),
    (VALUE, 'value: ">= €1m"', "11:5: '>= €1m': amounts are in US dollars, as on the form"),
    (VALUE, "value: -5", "11:5: '-5': value is never less than 0"),
    (VALUE, "value: “>= $100k”", "11:5: '“>= $100k”': YAML knows straight quotes only; write '>= $100,000'"),
    (VALUE, 'value: "=> 100k"', "11:5: '=> 100k' is not a threshold; write '>= $100,000'"),
    (VALUE, "value: ≥ 100k", "11:5: '≥ 100k' is not a threshold; write '>= $100,000'"),
    (VALUE, "value: == 5", "11:5: '== 5': a threshold is >=, >, <= or <; write '>= $5'"),
    (VALUE, "value: above $1M", "11:5: 'above $1M' is not a threshold; write '> $1,000,000'"),
    (VALUE, "value: 1 million", "11:5: '1 million' is not a threshold; write '>= $1,000,000'"),
    (VALUE, "value: 1MM", "11:5: '1MM' is not a threshold; write '>= $1,000,000'"),
    (VALUE, "value: USD 1m", "11:5: 'USD 1m' is not a threshold; write '>= $1,000,000'"),
    (VALUE, "value: 100k-200k", "11:5: '100k-200k': one comparison stands here, not a range"),
    (VALUE, 'value: ">= 1k and < 2k"', "11:5: '>= 1k and < 2k': one comparison stands here, not a range"),
    (VALUE, 'value: [">= 100k", "< 1m"]', "11:5: one threshold must stand here, in quotes, such as '>= $500k'"),
    (VALUE, "value: {min: 5}", "11:5: one threshold must stand here, in quotes, such as '>= $500k'"),
    (VALUE, "value: 2025-03-03", "11:5: '2025-03-03': a number is compared here, not a date"),
    (VALUE, "value: yes", "11:5: 'yes' is not a threshold; write such as '>= $500k'"),
    (VALUE, "value: true", "11:5: one threshold must stand here, in quotes, such as '>= $500k'"),
    (VALUE, "value:", "11:5: nothing stands here; write it, or take this away"),
    (VALUE, "shares: $100k", "11:5: shares is a count, not US dollars; write '>= 100,000'"),
    (
        VALUE,
        "filing_lag: 2 business days",
        "11:5: '2 business days': filing_lag counts calendar days; days_late counts business",
    ),
    (VALUE, "filing_lag: $2", "11:5: filing_lag counts calendar days, not US dollars; write '>= 2 days'"),
    ("  big:", "  small: {shares: >1,000, channels: desk}\n  big:", "9:19: this is no YAML: put thresholds in quotes"),
    ("  big:", "  small: {shares: 1,500, channels: desk}\n  big:", "9:21: a number with commas must stand in quotes"),
    # numbers with bounds
    (
        VALUE,
        "max_per_hour: 0",
        f"11:5: {WHOLE}; leave it out for no limit; to send nothing, disable the rule",
    ),
    (VALUE, "max_per_hour: 601", f"11:5: {WHOLE}; leave it out"),
    (VALUE, "max_per_hour: 2.5", f"11:5: {WHOLE}; leave it out"),
    (VALUE, "max_per_hour: many", f"11:5: {WHOLE}; leave it out"),
    (VALUE, "max_per_hour: yes", f"11:5: {WHOLE}; leave it out"),
    (VALUE, "max_per_hour: true", f"11:5: {WHOLE}; leave it out"),
    (
        SLACK,
        "type: slack, max_per_hour: -1",
        f"2:23: {WHOLE}; leave it out for no limit; to send nothing, disable the channel",
    ),
    (SLACK, "type: slack, max_per_hour: [1]", f"2:23: {WHOLE}; leave it out"),
    (SLACK, "type: slack, pace_seconds: -1", "2:23: write a number from 0 to 60"),
    (SLACK, "type: slack, pace_seconds: 1e9", "2:23: write a number from 0 to 60"),
    (SLACK, "type: slack, pace_seconds: .nan", "2:23: write a number from 0 to 60"),
    (SLACK, "type: slack, pace_seconds: true", "2:23: write a number from 0 to 60"),
    (SLACK, "type: slack, pace_seconds: null", "2:23: nothing stands here; write it, or take this away"),
    # what can never be met
    (VALUE, 'value: "< 0"', "11:5: value < $0 can never be met: value is never less than 0"),
    (VALUE, 'strike: ">= 1"', "11:5: purchases have no strike: it is of options (Table II); use price"),
    (VALUE, f"{VALUE}\n    shares: <= 10\n    price: <= 1", "11:5: value >= $100,000 can never be met beside"),
    # words
    (KINDS, "kinds: buy", "10:5: 'buy' is not a kind; write purchase"),
    (KINDS, "kinds: [sale, P]", "10:19: 'P' is not a kind; write purchase"),
    (KINDS, "kinds: Purchase", "10:5: 'Purchase' is not a kind; did you mean 'purchase'?"),
    (KINDS, "kinds: purchse", "10:5: 'purchse' is not a kind; did you mean 'purchase'?"),
    (KINDS, "kinds: 10b5-1", "10:5: '10b5-1' is not a kind; known are award, conversion,"),
    (KINDS, "kinds: {purchase: true}", "10:5: "),
    (KINDS, "roles: CEO", "10:5: 'CEO' is not a role; did you mean 'ceo'?"),
    (KINDS, "roles: 10% owner", "10:5: '10% owner' is not a role; write ten-percent-owner"),
    (KINDS, "plan_10b5_1: maybe", "10:5: write true or false"),
    (KINDS, "ownership: both", "10:5: 'both' is not an ownership; known are direct, indirect"),
    (KINDS, "per: issuer", "10:5: 'issuer' is not a way to hold thresholds; known are day, filing, owner, row"),
    (KINDS, "description: 5", "10:5: without quotes YAML reads a number here, not a text: put it in quotes"),
    (KINDS, "description: 2025-03-03", "10:5: without quotes YAML reads a date here, not a text: put it in quotes"),
    (KINDS, "description: [a, b]", "10:5: one text must stand here, no list and no settings"),
    (KINDS, f"description: {'x' * 501}", "10:5: a description has at most 500 characters, and this has 501"),
    # tickers
    (TICKERS, "tickers: [TRUE]", '5:15: without quotes TRUE is yes or no to YAML, not a ticker: write "TRUE"'),
    (TICKERS, "tickers: [NULL]", '5:15: without quotes NULL is nothing to YAML, not a ticker: write "NULL"'),
    (
        TICKERS,
        "tickers: AAPL MSFT",
        "5:5: 'AAPL MSFT' is not a ticker, such as AAPL or BRK.B, one for each entry: write [AAPL, M",
    ),
    (
        TICKERS,
        'tickers: "AAPL,MSFT"',
        "5:5: 'AAPL,MSFT' is not a ticker, such as AAPL or BRK.B, one for each entry: write [AAPL, M",
    ),
    (
        TICKERS,
        "tickers: [$AAPL]",
        "5:15: '$AAPL' is not a ticker, such as AAPL or BRK.B, one for each entry; did you mean 'AAPL'?",
    ),
    (TICKERS, "tickers: [320193]", "5:15: a ticker begins with a letter; a CIK belongs below 'ciks'"),
    (TICKERS, "ciks: [AAPL]", "5:12: 'AAPL' is not a CIK (one to ten digits)"),
    (TICKERS, 'owners: [""]', "5:14: '' is not an owner; write a CIK or a name, in quotes"),
    (TICKERS, "tickers: []", "5:5: name at least one ticker, as in: tickers: [AAPL, BRK.B]"),
    # keys and names
    (VALUE, "valeu: 5", "11:5: 'valeu' is unknown here; did you mean 'value'?"),
    (VALUE, "exercise-value: 5", "11:5: 'exercise-value' is unknown here; did you mean 'exercise_value'?"),
    (VALUE, "herd: 3", "11:5: a rule has no 'herd'; docs/rules.md lists its 52 keys"),
    (VALUE, "cluster: 3", "11:5: settings must stand here, such as {insiders: 3, within: 10d}"),
    (VALUE, "cluster: {insiders: 1, within: 10d}", "11:5: insiders must be 2 to 50"),
    (VALUE, "cluster: {insiders: 2, within: 1y}", "11:28: one to 90 days must stand here, such as 10d"),
    (VALUE, "cluster: {insiders: 3, within: 10d, count: 3}", "11:41: cluster has no 'count'; write insiders"),
    (VALUE, "cluster: {insiders: 2, within: 5, exclude: ceo}", "11:39: 'ceo' is not a role of box 5; known are dir"),
    (
        VALUE,
        "shares_sold: 3",
        "11:5: a rule has no 'shares_sold'; the nearest are shares, underlying_shares, net_shares; docs/rules.md lists",
    ),
    ("    channels: desk", "    channel: desk", "13:5: 'channel' is unknown here; did you mean 'channels'?"),
    ("    channels: desk\n", "", "9:3: 'channels' is missing"),
    ("    channels: desk", "    channels: slack", "13:5: there is no channel 'slack'; there are: desk"),
    ("    channels: desk", "    channels: desc", "13:5: there is no channel 'desc'; did you mean 'desk'?"),
    ("watchlist: ours", "watchlist: mine", "12:5: there is no watchlist 'mine'; there are: ours"),
    ("type: slack", "type: fax", f"2:10: 'fax' is not a type of channel; known are {', '.join(sorted(CHANNELS))}"),
    ("type: slack, url", "type: slack, uri", "2:23: 'uri' is unknown here; did you mean 'url'?"),
    ("  big:\n", "  - name: big\n", "8:1: rules must be names with settings below"),
    ("rules:\n", "alerts:\n", "8:1: the file has no 'alerts'; its keys are channels, watchlists, rules, operations"),
    (
        "operations:\n  channels: desk\n",
        "operations: desk\n",
        "6:1: 'channels' must stand below this, as in 'channels: [ops]'",
    ),
    ("    kinds: purchase\n", "    {kinds: purchase}\n", "11:"),
    (FILE, "", "1:1: the file needs channels: and rules:; watchlists: and operations: are optional"),
    (
        FILE,
        "- channels\n- rules\n",
        "1:1: the file needs channels: and rules:; watchlists: and operations: are optional",
    ),
    (
        FILE,
        '{"channels": {}, "rules": {}}',
        "1:18: there are no rules, so it would never alert; add some below 'rules:'",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), BROKEN, ids=[new.strip()[:40] or told for _, new, told in BROKEN])
def test_a_habit_is_refused_where_it_stands_with_what_to_write(old: str, new: str, told: str) -> None:
    """One fault, one line."""
    assert old in FILE
    with pytest.raises(ConfigError) as caught:
        configfile.parse(FILE.replace(old, new, 1), "x.yaml", {})
    lines = [line.strip() for line in str(caught.value).splitlines() if "x.yaml:" in line]

    assert lines[0].startswith(f"x.yaml:{told}")
    assert 1 == len(lines)


def test_a_limit_without_a_number_is_none() -> None:
    """As every setting that may be left out."""
    configfile.parse(FILE.replace(VALUE, "max_per_hour:"), "x.yaml", {})


def test_the_file_itself_can_be_used() -> None:
    """What is broken above is broken by what was changed alone."""
    assert configfile.parse(FILE, "x.yaml", {}).rules
