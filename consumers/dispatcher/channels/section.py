"""The settings that every kind of channel has."""

from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema

from consumers.dispatcher import timetable
from consumers.dispatcher.quiet import EXAMPLE, QuietHours
from consumers.dispatcher.template import EXAMPLE as WORDS
from consumers.dispatcher.template import LONGEST, Template
from consumers.dispatcher.timetable import Timetable
from consumers.language.sections import NOTHING, Section
from service.model.rate import MOST_AN_HOUR

_AS_JSON = WithJsonSchema({"type": "string", "examples": [EXAMPLE]})  # for editors
_TIMES_AS_JSON = WithJsonSchema({"type": "string", "examples": [timetable.EXAMPLE]})


def _quiet(value: Any) -> QuietHours:
    if value is None:
        raise ValueError(NOTHING)
    return QuietHours.parse(value if isinstance(value, str) else "")  # a number or a list says no hours


def _digest(value: Any) -> Timetable:
    if value is None:
        raise ValueError(NOTHING)
    return Timetable.parse(value if isinstance(value, str) else "")


def _of_digest(value: bool, info: ValidationInfo) -> bool:
    if value and info.data.get("digest", ...) is None:  # one that is wrong has its own fault
        raise ValueError("there is no digest: write digest, or take this away")
    return value


def _template(value: Any) -> Template:
    if value is None:
        raise ValueError(NOTHING)
    return Template(value if isinstance(value, str) else "")  # a number or a list says nothing


class ChannelSection(Section):
    """What the settings of a channel have in common, whatever its kind.

    Each field has a title and a description, from which forms are made, and editors' hints.
    """

    title: ClassVar[str]  # the kind's name for people
    about: ClassVar[str]  # where it brings alerts
    operators: ClassVar[bool] = False  # only the file that the operator applies can have one
    place: ClassVar[str] = "url"  # the setting that says what it connects to
    otherwise = MappingProxyType({"max_per_hour": "leave it out for no limit; to send nothing, disable the channel"})

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
    digest: Annotated[
        Timetable | None,
        PlainValidator(_digest),
        _TIMES_AS_JSON,
        Field(
            title="Digest",
            description=(
                "When everything is told together, by Eastern time or that of a place, instead of as it comes. "
                "Alerts of urgent rules go at once."
            ),
            examples=[timetable.EXAMPLE],
        ),
    ] = None
    digest_when_empty: Annotated[
        bool,
        AfterValidator(_of_digest),
        Field(title="Empty digests", description="Whether a digest without alerts is sent, and says so."),
    ] = False
    max_per_hour: Annotated[
        int | None,
        Field(
            title="Messages an hour",
            description="The most in any hour. Further alerts are told together, once there is room; urgent ones go.",
            ge=1,
            le=MOST_AN_HOUR,
        ),
    ] = None


class PeopleSection(ChannelSection):
    """The settings of a channel whose messages people read: one trade is one message, however many file it."""

    every_filing: Annotated[
        bool,
        Field(
            title="Every filing",
            description=(
                "Whether each filing on a trade is told in full, in a message of its own. If not, joint filers, funds "
                "and partners who report the same trade are told together, and whoever files it later in a few words."
            ),
        ),
    ] = False


class WordedSection(PeopleSection):
    """The settings of a channel whose messages can be in words of their own."""

    template: Annotated[
        Template | None,
        PlainValidator(_template),
        WithJsonSchema({"type": "string", "maxLength": LONGEST, "examples": [WORDS]}),
        Field(
            title="Template",
            description=(
                "What an alert says, in Jinja2; the first line is the headline. Empty: the usual message. "
                "docs/channels.md has the names that can stand in it."
            ),
            examples=[WORDS],
        ),
    ] = None
