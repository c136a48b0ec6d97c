"""Whatever a receiver echoes, no part of an address or a secret is left in it."""

import base64
import html
import json
import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.scrub import HIDDEN, Scrubber

HOOK = "https://hooks.slack.com/services/T0/B0/XkCanary7Slack?token=Qq9QueryCanary"
SIGNING = "whsec_Q2FuYXJ5T2ZUaGVTaWduaW5nU2VjcmV0LCAzMg=="
SCRUB = Scrubber(
    [HOOK, SIGNING, "https://UserCanary:PassCanary@example.com/", "pw-of-db"], ["Jane Doe jane@example.com"]
)
SECRETS = ("XkCanary7Slack", "Qq9QueryCanary", SIGNING.removeprefix("whsec_"), "UserCanary", "PassCanary", "pw-of-db")

ECHOES = {
    "as it is": str,
    "in upper case": str.upper,
    "in lower case": str.lower,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded letter by letter": lambda text: "".join(f"%{ord(one):02x}" for one in text),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "as HTML": html.escape,
    "as HTML letter by letter": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "as HTML in numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "as JSON": lambda text: json.dumps(text).replace("/", "\\/"),
    "as JSON letter by letter": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
}


def plainly(text: str) -> str:
    """*text* as somebody reads it who resolves every escape."""
    text = re.sub(r"\\u(\w{4})", lambda found: chr(int(found[1], 16)), html.unescape(unquote(unquote(text))))
    return text.replace("\\/", "/").lower()


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("secret", [*SECRETS, "/services/T0/B0/XkCanary7Slack", "T0/B0/XkCanary7Slack"])
def test_an_echo_is_hidden_however_it_is_written(secret: str, echo) -> None:
    """What stands around it stays."""
    assert f"Cannot POST ({HIDDEN}) here" == SCRUB(f"Cannot POST ({echo(secret)}) here").replace('"', "")


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(SECRETS), st.integers(0, 40), st.integers(4, 40), st.text(max_size=20), st.text(max_size=20))
def test_a_piece_of_a_secret_is_hidden(secret: str, start: int, length: int, before: str, after: str) -> None:
    """Eight characters of it are enough to know it by."""
    piece = secret[start : start + length]
    if len(piece) >= 8:
        assert piece not in SCRUB(f"{before} {piece} {after}")


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_an_excerpt_that_ends_within_a_secret_shows_no_part_of_it(echo) -> None:
    """An answer is cut off anywhere, also within an escape."""
    whole = f"Cannot POST {echo('/services/T0/B0/XkCanary7Slack')}"
    for end in range(len("Cannot POST ") + 1, len(whole)):
        shown = plainly(SCRUB(whole[:end]))
        assert "xkca" not in shown
        assert "t0/b0" not in shown


def test_credentials_in_an_address_are_hidden_as_the_header_has_them() -> None:
    """A receiver that echoes headers shows Authorization."""
    header = base64.b64encode(b"UserCanary:PassCanary").decode()

    assert f"Authorization: Basic {HIDDEN}" == SCRUB(f"Authorization: Basic {header}")


def test_the_contact_is_hidden_as_a_whole() -> None:
    """Its words are ordinary ones: a receiver's host can be at the same company."""
    assert f"who is {HIDDEN}?" == SCRUB("who is Jane Doe jane@example.com?")
    assert "hooks.example.com, said Jane Doe, once" == SCRUB("hooks.example.com, said Jane Doe, once")


def test_what_the_operator_named_so_is_no_secret() -> None:
    """A channel is often named like the end of its address; the log must say which it is."""
    scrub = Scrubber(["https://example.com/hang/trading-desk-2/Xk7Secret9Xk7"], names=["hang", "trading-desk-2"])

    assert '"channel":"hang"' == scrub('"channel":"hang"')
    assert f"Trading-Desk-2: Cannot POST {HIDDEN}" == scrub(
        "Trading-Desk-2: Cannot POST /hang/trading-desk-2/Xk7Secret9Xk7"
    )


@pytest.mark.parametrize(
    "text",
    [
        "404 Not Found: no_service",
        "503 Service Unavailable: services are down; try https://hooks.slack.com",
        '{"event":"delivered","channel":"slack","home":"/var/lib/filingbell","level":"info"}',
        "http 500: 100%, 5% & more \\ and so on &c",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """An operator must be able to read why; the host may be shown."""
    assert text == SCRUB(text)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=300))
def test_any_text_can_be_scrubbed(text: str) -> None:
    """And where there are no secrets nothing changes."""
    SCRUB(text)
    assert text == Scrubber(())(text)
