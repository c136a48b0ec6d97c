"""What is set for a bot in Slack."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection

_TOKEN = re.compile(r"xoxb-[-A-Za-z0-9]{10,250}", re.ASCII)
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{8,20}", re.ASCII)


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("a bot's token begins with xoxb-, as the app's page OAuth & Permissions shows it")
    return value


def _channel(value: str) -> str:
    if not _CHANNEL.fullmatch(value):
        raise ValueError("a channel's ID is as C0123456789, as the end of its details in Slack shows it")
    return value


class SlackBotSection(WordedSection):
    """The settings of a channel that a bot writes to."""

    called = "a Slack bot's channel"
    title = "Slack bot"
    about = "In a channel of your workspace, with threads"

    type: Literal["slack_bot"]
    token: Annotated[
        SecretStr,
        AfterValidator(_token),
        Field(
            title="Bot token",
            description="What lets the bot write, from the app's page OAuth & Permissions.",
            examples=["xoxb-..."],
        ),
    ]
    channel: Annotated[
        str,
        AfterValidator(_channel),
        Field(
            title="Channel ID",
            description="Where the bot writes. It must be a member of that channel.",
            examples=["C0123456789"],
        ),
    ]
    url: Annotated[
        Address,
        Field(
            title="Server",
            description="Only where your workspace is on another Slack, such as GovSlack.",
            examples=["https://slack.com/api"],
        ),
    ] = SecretStr("https://slack.com/api")
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. Slack takes one a second in a channel.",
            ge=0,
            le=60,
        ),
    ] = 1.0
