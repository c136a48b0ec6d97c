"""What is set for an ntfy channel."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_TOKEN = re.compile(r"tk_[A-Za-z0-9]{1,100}")


def _topic(value: SecretStr) -> SecretStr:
    if not _TOPIC.fullmatch(value.get_secret_value()):
        raise ValueError("a topic has 1 to 64 letters, digits, - and _, and no address")
    return value


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("an access token is 'tk_' and letters and digits, as ntfy shows it")
    return value


class NtfySection(WordedSection):
    """The settings of an ntfy channel."""

    called = "an ntfy channel"
    title = "ntfy"
    about = "On telephones, without an account"

    type: Literal["ntfy"]
    url: Annotated[
        Address,
        Field(
            title="Server",
            description="Only where you have an ntfy server of your own.",
            examples=["https://ntfy.sh"],
        ),
    ] = SecretStr("https://ntfy.sh")
    topic: Annotated[
        SecretStr,
        AfterValidator(_topic),
        Field(
            title="Topic",
            description="What your telephone subscribes to. Whoever knows it can read it, so choose a long one.",
            examples=["filingbell-k3v9x2m7q4w8"],
        ),
    ]
    token: Annotated[
        Annotated[SecretStr, AfterValidator(_token)] | None,
        Field(
            title="Access token",
            description="Only where the topic is protected.",
            examples=["tk_..."],
        ),
    ] = None
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. ntfy.sh takes one every five seconds.",
            ge=0,
            le=60,
        ),
    ] = 5.0
