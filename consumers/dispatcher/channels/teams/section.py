"""What is set for a Teams channel."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection


def _as_copied(value: SecretStr) -> SecretStr:
    if "&amp;" in value.get_secret_value():
        raise ValueError("this was copied from a page's source: write & for each &amp; in it")
    return value


class TeamsSection(WordedSection):
    """The settings of a Teams channel."""

    called = "a Teams channel"
    title = "Microsoft Teams"
    about = "In a channel or chat, by a workflow"

    type: Literal["teams"]
    url: Annotated[
        Address,
        AfterValidator(_as_copied),
        Field(
            title="Webhook URL",
            description="The address of the workflow that posts in one of your channels or chats.",
            examples=["https://....powerplatform.com/.../triggers/manual/paths/invoke?..."],
        ),
    ]
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. Teams takes four a second.",
            ge=0,
            le=60,
        ),
    ] = 1.0
