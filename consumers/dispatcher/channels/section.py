"""The settings that every kind of channel has."""

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from consumers.dispatcher.quiet import EXAMPLE, QuietHours
from consumers.language.sections import NOTHING, Section

_AS_JSON = WithJsonSchema({"type": "string", "examples": [EXAMPLE]})  # for editors


def _quiet(value: Any) -> QuietHours:
    if value is None:
        raise ValueError(NOTHING)
    return QuietHours.parse(value if isinstance(value, str) else "")  # a number or a list says no hours


class ChannelSection(Section):
    """What the settings of a channel have in common, whatever its kind."""

    quiet: Annotated[QuietHours | None, PlainValidator(_quiet), _AS_JSON] = None  # when nothing is to be sent
