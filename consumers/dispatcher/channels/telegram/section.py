"""What is set for a Telegram channel."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection

_TOKEN = re.compile(r"\d{3,20}:[-_A-Za-z0-9]{20,100}", re.ASCII)
_CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z]\w{3,63}", re.ASCII)


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("a bot's token is as 123456789:AbC..., as @BotFather shows it")
    return value


def _chat(value: str) -> str:
    if not _CHAT.fullmatch(value):
        raise ValueError("a chat is a number, such as -1001234567890, or the @name of a public channel")
    return value


class TelegramSection(WordedSection):
    """The settings of a Telegram channel."""

    called = "a Telegram channel"
    title = "Telegram"
    about = "In a chat, group or channel, by a bot"

    type: Literal["telegram"]
    token: Annotated[
        SecretStr,
        AfterValidator(_token),
        Field(
            title="Bot token",
            description="What lets the bot write, as @BotFather shows it.",
            examples=["123456789:AbC..."],
        ),
    ]
    chat: Annotated[
        str,
        BeforeValidator(lambda value: str(value) if isinstance(value, int) else value),
        AfterValidator(_chat),
        Field(
            title="Chat",
            description="Where the bot writes: the number of a chat or group, or the @name of a public channel.",
            examples=["-1001234567890"],
        ),
    ]
    url: Annotated[
        Address,
        Field(
            title="Server",
            description="Only where you run a Bot API server of your own.",
            examples=["https://api.telegram.org"],
        ),
    ] = SecretStr("https://api.telegram.org")
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. Telegram takes 20 a minute in a group.",
            ge=0,
            le=60,
        ),
    ] = 3.0
