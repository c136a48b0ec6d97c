"""What is set for a Discord channel."""

from typing import Annotated, Literal

from pydantic import Field

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection


class DiscordSection(WordedSection):
    """The settings of a Discord channel."""

    called = "a Discord channel"
    title = "Discord"
    about = "In a channel of your server"

    type: Literal["discord"]
    url: Annotated[
        Address,
        Field(
            title="Webhook URL",
            description="The address of the webhook that Discord has made for one of its channels.",
            examples=["https://discord.com/api/webhooks/..."],
        ),
    ]
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. Discord takes 30 a minute in a channel.",
            ge=0,
            le=60,
        ),
    ] = 2.0
