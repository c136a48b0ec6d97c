"""What is asked of whoever sets up a channel, from the section of its kind: a new kind shows up by itself."""

from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from consumers.dispatcher.channels import CHANNELS
from consumers.dispatcher.channels.section import ChannelSection
from consumers.dispatcher.template import Template
from service.control.rotating import SIGNING
from service.model.errors import NotFound

TYPE = "type"  # the setting that says the kind
_UNIONS = (Union, UnionType)


class Input(StrEnum):
    """How a setting is entered."""

    SECRET = "secret"  # noqa: S105
    SECRETS = "secrets"  # one in a line
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    LINES = "lines"  # one text in a line
    TEXT = "text"
    TEMPLATE = "template"  # a text of several lines


class Setting(Struct, frozen=True, kw_only=True):
    """One setting of a kind of channel."""

    name: str  # its key in a configuration file
    title: str
    description: str
    example: str | None
    input: Input
    needed: bool
    default: str | None  # what an empty field means; None: nothing
    least: float | None  # of a number; None: there is no bound
    most: float | None
    choices: tuple[str, ...]
    made: bool  # left empty in a new channel, it is made and shown once

    @property
    def options(self) -> list[tuple[str, str]]:
        """Its choices, as a value and a label each; what may be left out, and has no default, can be nothing."""
        nothing = [] if self.needed or self.default else [("", "")]
        return nothing + [(one, one) for one in self.choices]

    @property
    def secret(self) -> bool:
        """Whether it is never shown."""
        return self.input in (Input.SECRET, Input.SECRETS)


class ChannelKind(Struct, frozen=True, kw_only=True):
    """A kind of channel."""

    name: str  # in a configuration file
    title: str  # for people
    about: str  # where it brings alerts
    settings: tuple[Setting, ...]
    help: str  # how to set it up, in Markdown

    @property
    def signs(self) -> bool:
        """Whether its requests are signed with a secret that can be rotated."""
        return any(one.name == SIGNING for one in self.settings)


def kinds() -> tuple[ChannelKind, ...]:
    """Every kind of channel that people can make, in the order of the table."""
    return tuple(kind(name) for name, (section, _) in CHANNELS.items() if not section.operators)


def kind(name: str) -> ChannelKind:
    """The kind of this *name*; raises NotFound."""
    if name not in CHANNELS:
        raise NotFound(f"there is no type of channel {name!r}; there are: {', '.join(CHANNELS)}")
    section, _ = CHANNELS[name]
    found = [_setting(key, field) for key, field in section.model_fields.items() if key != TYPE]
    return ChannelKind(
        name=name,
        title=section.title,
        about=section.about,
        settings=tuple(sorted(found, key=lambda one: (not one.needed, one.name in ChannelSection.model_fields))),
        help=(files("consumers.dispatcher.channels") / name / "help.md").read_text(encoding="utf-8"),
    )


def text_of(value: Any) -> str:
    """*value* as it stands in a field."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if isinstance(value, SecretStr):  # of a default, which everybody may know
        return value.get_secret_value()
    if isinstance(value, bool):
        return "on" if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _setting(name: str, field: FieldInfo) -> Setting:
    kind, needed = _input(field.annotation), field.is_required()
    examples = field.examples or []
    return Setting(
        name=name,
        title=field.title or name,
        description=field.description or "",
        example=str(examples[0]) if examples else None,
        input=kind,
        needed=needed,
        default=None if needed or field.default is None else text_of(field.default),
        least=_bound(field, "ge"),
        most=_bound(field, "le"),
        choices=tuple(map(str, get_args(_plain(field.annotation)))) if kind is Input.CHOICE else (),
        made=name == SIGNING,
    )


def _bound(field: FieldInfo, which: str) -> float | None:
    return next((getattr(one, which) for one in field.metadata if hasattr(one, which)), None)


def _input(annotation: Any) -> Input:
    held = _plain(annotation)
    if get_origin(held) is list:
        return Input.SECRETS if _plain(get_args(held)[0]) is SecretStr else Input.LINES
    if get_origin(held) is Literal:
        return Input.CHOICE
    of: Mapping[Any, Input] = {
        SecretStr: Input.SECRET,
        bool: Input.SWITCH,
        int: Input.NUMBER,
        float: Input.NUMBER,
        Template: Input.TEMPLATE,
    }
    return of.get(held, Input.TEXT)


def _plain(annotation: Any) -> Any:
    """*annotation* without what is said of it, and without the None of what may be left out."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        left = [one for one in get_args(annotation) if one is not NoneType]
        return _plain(left[0]) if len(left) == 1 else annotation
    return annotation
