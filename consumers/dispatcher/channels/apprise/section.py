"""What is set for a service that Apprise knows."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from consumers.dispatcher.channels.section import PeopleSection
from consumers.dispatcher.notifying import AppriseNotInstalled, room_of


def _known(value: SecretStr) -> SecretStr:
    try:
        room_of(value.get_secret_value())
    except AppriseNotInstalled as error:
        raise ValueError(str(error)) from None
    return value


class AppriseSection(PeopleSection):
    """The settings of a channel by Apprise."""

    called = "an Apprise channel"
    title = "Apprise"
    about = "By any of the services that Apprise knows"
    operators = True

    type: Literal["apprise"]
    url: Annotated[
        SecretStr,
        AfterValidator(_known),
        Field(
            title="Address",
            description="The service and your credentials there, as Apprise's documentation has it.",
            examples=["pover://USER@TOKEN"],
        ),
    ]
    pace_seconds: Annotated[
        float,
        Field(
            title="Seconds between messages",
            description="From one message to the next.",
            ge=0,
            le=60,
        ),
    ] = 1.0
