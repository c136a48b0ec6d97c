"""The settings that every kind of channel has."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from consumers.dispatcher.quiet import EXAMPLE, QuietHours
from consumers.language.sections import NOTHING, Section

_AS_JSON = WithJsonSchema({"type": "string", "examples": [EXAMPLE]})  # for editors


def _quiet(value: Any) -> QuietHours:
    if value is None:
        raise ValueError(NOTHING)
    return QuietHours.parse(value if isinstance(value, str) else "")  # a number or a list says no hours


class ChannelSection(Section):
    """What the settings of a channel have in common, whatever its kind.

    Each field has a title and a description, from which forms are made, and editors' hints.
    """

    title: ClassVar[str]  # the kind's name for people
    about: ClassVar[str]  # where it brings alerts
    place: ClassVar[str] = "url"  # the setting that says what it connects to

    quiet: Annotated[
        QuietHours | None,
        PlainValidator(_quiet),
        _AS_JSON,
        Field(
            title="Quiet hours",
            description="When nothing is to be sent but alerts of urgent rules; what comes then is sent afterwards.",
            examples=[EXAMPLE],
        ),
    ] = None
