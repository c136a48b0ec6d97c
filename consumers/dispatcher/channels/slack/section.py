"""What is set for a Slack channel."""

from typing import Annotated, Literal

from pydantic import Field

from consumers.dispatcher.channels.address import Address
from consumers.dispatcher.channels.section import WordedSection


class SlackSection(WordedSection):
    """The settings of a Slack channel."""

    called = "a Slack channel"
    title = "Slack"
    about = "In a channel of your workspace"

    type: Literal["slack"]
    url: Annotated[
        Address,
        Field(
            title="Webhook URL",
            description="The address of the incoming webhook that Slack has made for one of its channels.",
            examples=["https://hooks.slack.com/services/..."],
        ),
    ]
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next. Slack takes one a second.",
            ge=0,
            le=60,
        ),
    ] = 1.0
