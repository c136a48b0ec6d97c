"""The settings that every kind of channel has."""

from typing import Annotated, Any

from pydantic import PlainValidator

from consumers.dispatcher.quiet import QuietHours
from consumers.language.sections import NOTHING, Section


def _quiet(value: Any) -> QuietHours:
    if value is None:
        raise ValueError(NOTHING)
    return QuietHours.parse(value if isinstance(value, str) else "")  # a number or a list says no hours


class ChannelSection(Section):
    """What the settings of a channel have in common, whatever its kind."""

    quiet: Annotated[QuietHours | None, PlainValidator(_quiet)] = None  # when nothing is to be sent
