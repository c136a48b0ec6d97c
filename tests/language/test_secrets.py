"""Whatever is wrong with a file, what is told of it shows no secret."""

import re
import traceback
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers import configuration as configfile
from service.model.errors import ConfigError
from tests.kit.places import DEPLOY
from tests.kit.receiver import SECRET
from tests.language.files import ENVIRONMENT, GOOD, SLACK, WITH_SECRETS, faults, shows_a_secret

EXAMPLE = DEPLOY / ".env.example"


def test_a_secret_never_shows() -> None:
    """Neither a bad one in a message, nor a good one in a repr."""
    bad = faults(GOOD, {"HOOK_SECRET": "whsec_VERYSECRET!"})
    channels = configfile.parse(GOOD, "x.yaml", ENVIRONMENT).channels

    assert "x.yaml:6:15: a secret is 'whsec_' and 24 to 64 bytes in base64" in bad
    assert "VERYSECRET" not in bad
    assert "XSECRETX" not in faults(GOOD.replace("hooks.slack.com", "hooks slack").replace("https://hooks", "hooks"))
    assert "XSECRETX" not in repr(channels)


def test_the_examples_secrets_are_refused() -> None:
    """Whoever forgot to fill them in would sign with what everybody knows."""
    example = dict(line.split("=", 1) for line in EXAMPLE.read_text().splitlines() if re.match(r"[A-Z_]+=", line))
    text = (
        "channels:\n  desk: {type: slack, url: '${SLACK_WEBHOOK_URL}'}\n"
        "  hook: {type: webhook, url: '${WEBHOOK_URL}', secrets: '${WEBHOOK_SECRET}'}\n"
        "rules:\n  buy: {kinds: purchase, channels: [desk, hook]}\n"
    )
    with pytest.raises(ConfigError) as caught:
        configfile.parse(text, "x.yaml", example)

    said = str(caught.value)
    assert "x.yaml:2:23: this is the example's address; write the one that the receiver has given you" in said
    assert "make one of your own: filingbell secret" in said
    assert example["WEBHOOK_SECRET"] not in said


def test_a_key_that_stands_twice_is_told_without_its_values() -> None:
    """Its values are the address that was and the one that shall be."""
    told = faults(WITH_SECRETS.replace("url: https", "url: https://old.example/TOPSECRET\n    url: https"))

    assert "x.yaml:6:5: key 'url' stands twice" in told
    assert not shows_a_secret(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            f'url: "{SLACK}"',
            f"url {SLACK}",
            "2:23: a Slack channel has no (not shown: it may be a secret); its keys are quiet, digest",
        ),
        (f'url: "{SLACK}"', f"url: *{SLACK}", "2:28: this is no YAML: '*' refers to another place"),
        (
            f'url: "{SLACK}"',
            f"url: !!timestamp {SLACK}",
            "2:28: this is no YAML: this is read as a date, but there",
        ),
        (f'url: "{SLACK}"', f"url: !!int {SLACK}", "2:28: this value is not what it looks like"),
        (f'url: "{SLACK}"', f'url: !!set {{"{SLACK}", "{SLACK}"}}', "2:"),
        (f'url: "{SLACK}"', f'url: "{SLACK}" "{SLACK}"', "this is no YAML"),
        (f'url: "{SLACK}"', f'"{SLACK}": 1, "{SLACK}": 2', "key (not shown: it may be a secret) stands twice"),
        ("  hook:", f"  {SLACK}:", "there is no channel 'hook'; there are: desk, (not shown: it may be a secret)"),
        ("type: webhook", f"type: {SLACK}", "4:5: (not shown: it may be a secret) is not a type of channel"),
        ("kinds: purchase", f'kinds: "{SLACK}"', "10:9: (not shown: it may be a secret) is not a kind"),
        ('">= 100k"', f'"{SLACK}"', "10:26: (not shown: it may be a secret) is not a threshold"),
        ("[desk, hook]", SLACK, "there is no channel (not shown: it may be a secret)"),
        ("[desk, hook]", '"${HOOK_SECRET}"', "there is no channel (not shown: it may be a secret)"),
        ("kinds: purchase", f"ownership: {SECRET}", "(not shown: it may be a secret) is not an ownership"),
        (
            "rules:",
            f"watchlists: {{w: {{ciks: {SECRET}}}}}\nrules:",
            "9:18: (not shown: it may be a secret) is not a CIK",
        ),
        ("channels:\n", "channels: \0\n", "x.yaml:1:11: a control character stands here"),
        ("channels:\n", "x: 2024-13-45\nchannels:\n", "1:4: this value is not what it looks like"),
        (
            "channels:\n",
            f"x: {'[' * 200}\nchannels:\n",
            "x.yaml:1:103: this is nested too deeply",
        ),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(old: str, new: str, told: str) -> None:
    """Neither by our messages nor by those of the YAML reader."""
    said = faults(WITH_SECRETS.replace(old, new))

    assert told in said
    assert not shows_a_secret(said)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from([*"'\"{}[]:,&*!|>%@`-?#\n\t u", ""])), max_size=4),
    st.sampled_from([SECRET, SECRET + "!", ""]),
)
def test_no_slip_of_the_pen_shows_a_secret(slips: list[tuple[int, str]], secret: str) -> None:
    """Signs too many or too few, anywhere but within the secrets."""
    pieces = re.split(r"(TOPSECRET\w+|whsec_\S+|\W)", WITH_SECRETS)
    for at, sign in slips:
        pieces[at * len(pieces) // 61] = sign
    with warnings.catch_warnings(record=True) as warned:
        try:
            said = repr(configfile.parse("".join(pieces), "x.yaml", {"HOOK_SECRET": secret}))
        except ConfigError as error:
            said = "".join(traceback.format_exception(error, limit=0))

    assert not shows_a_secret(said)
    assert not warned
