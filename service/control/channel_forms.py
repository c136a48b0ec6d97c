"""Channels as people enter them: texts in fields, a setting each, with what is wrong told at its field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from service.control import resources
from service.control.channel_kinds import TYPE, ChannelKind, Input, Setting, kind, text_of
from service.control.rotating import SIGNING
from service.control.sections import SECRET, kept
from service.egress import PUBLIC, Egress
from service.model.errors import ConfigError, Fault, Faulty
from service.model.identity import Revision
from service.model.resource import Actor, Resource, ResourceKind
from service.store import Database
from service.vault import Vault, new_secret

_NAME = "name"


async def open_channel(
    database: Database,
    vault: Vault,
    actor: Actor,
    of: ChannelKind,
    name: str,
    entered: Mapping[str, str],
    now: datetime,
    *,
    egress: Egress = PUBLIC,
) -> tuple[Resource, str | None]:
    """Make a channel as it was *entered*; returns the signing secret that was made for it as well, None: none was.

    Raises Faulty, with every fault at its field.
    """
    section = section_of(of, entered)
    made = new_secret() if of.signs and not section[SIGNING] else None
    if made is not None:
        section[SIGNING] = [made]
    with _at_their_fields(section):
        channel = ResourceKind.CHANNEL
        return await resources.add(database, vault, actor, channel, name, section, now, egress=egress), made


async def change_channel(
    database: Database,
    vault: Vault,
    actor: Actor,
    channel: Resource,
    name: str,
    entered: Mapping[str, str],
    now: datetime,
    *,
    expected: Revision | None,
    egress: Egress = PUBLIC,
) -> Resource:
    """Have *channel* be as it was *entered*; a secret whose field is empty stays.

    Raises Faulty, with every fault at its field, Stale, and Forbidden where a file owns it.
    """
    section = section_of(kind(channel.section[TYPE]), entered, channel.section)
    with _at_their_fields(section):
        return await resources.edit(
            database,
            vault,
            actor,
            channel.kind,
            channel.id,
            now,
            content=kept(section, channel, vault),
            name=name,
            expected=expected,
            egress=egress,
        )


def section_of(of: ChannelKind, entered: Mapping[str, str], stands: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The section that whoever *entered* these texts means: what is empty is left out, or missing where it is needed.

    Of a channel that *stands* so already, a secret whose field is empty stays as it is.
    """
    section: dict[str, Any] = {TYPE: of.name}
    for one in of.settings:
        text = entered.get(one.name, "").strip()
        if text or (one.input is Input.SWITCH and one.default):  # one that is off by itself needs no word
            section[one.name] = _value(one, text)
        elif one.secret and stands is not None and one.name in stands:
            section[one.name] = SECRET
        elif one.needed:
            section[one.name] = None
    return section


def entered_of(of: ChannelKind, section: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields where a channel is as in *section*; of secrets nothing."""
    return {one.name: text_of(section[one.name]) for one in of.settings if one.name in section and not one.secret}


def _value(one: Setting, text: str) -> Any:
    match one.input:
        case Input.SECRETS | Input.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case Input.SWITCH:
            return bool(text)
        case Input.NUMBER:
            return _number(text)
    return text


def _number(text: str) -> float | str:
    """The number; other text stays as it is, and is refused as such."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


@contextmanager
def _at_their_fields(section: Mapping[str, Any]) -> Iterator[None]:
    """Raise what is wrong with *section* as Faulty, each fault with the name of its field for a path."""
    try:
        yield
    except (Faulty, ConfigError) as error:
        faults = tuple(_at_its_field(fault, section) for fault in error.faults)
        if not faults:
            raise
        raise Faulty("Some fields have to be changed before this can be saved.", faults) from None


def _at_its_field(fault: Fault, section: Mapping[str, Any]) -> Fault:
    """*fault*, whose path may lead through a configuration file."""
    path = fault.path[2:] if fault.path[:1] == ("channels",) else fault.path
    field = str(path[0]) if path else _NAME
    is_empty = field in section and section[field] is None
    return Fault((field,), "Fill this in." if is_empty else fault.message)
