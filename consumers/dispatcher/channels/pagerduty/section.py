"""What is set for a PagerDuty channel."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import ChannelSection

_KEY = re.compile(r"[A-Za-z0-9]{32}", re.ASCII)


def _key(value: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(value.get_secret_value()):
        raise ValueError("an integration key has 32 letters and digits, as PagerDuty shows it")
    return value


class PagerDutySection(ChannelSection):
    """The settings of a PagerDuty channel."""

    called = "a PagerDuty channel"
    title = "PagerDuty"
    about = "As an incident for each alert"

    type: Literal["pagerduty"]
    key: Annotated[
        SecretStr,
        AfterValidator(_key),
        Field(
            title="Integration key",
            description="What the service in PagerDuty shows for its integration Events API V2.",
            examples=["0123456789abcdef0123456789abcdef"],
        ),
    ]
    severity: Annotated[
        Literal["info", "warning", "error", "critical"],
        Field(title="Severity", description="Of alerts; those of urgent rules are critical."),
    ] = "info"
    url: Annotated[
        Address,
        Field(
            title="Address",
            description="Only for accounts in Europe: https://events.eu.pagerduty.com/v2/enqueue.",
            examples=["https://events.pagerduty.com/v2/enqueue"],
        ),
    ] = SecretStr("https://events.pagerduty.com/v2/enqueue")
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one event to the next.",
            ge=0,
            le=60,
        ),
    ] = 0.5
