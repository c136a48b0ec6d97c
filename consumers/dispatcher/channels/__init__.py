"""The kinds of channels. A new one is a file here and a line in the table."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from consumers.config import Section, faults_of, unknown_key
from consumers.dispatcher.channels.channel import Channel
from consumers.dispatcher.channels.slack import Slack, SlackSection
from consumers.dispatcher.channels.webhook import Webhook, WebhookSection
from service.model.errors import ConfigError, Fault

CHANNELS: Mapping[str, tuple[type[Section], Callable[[Any], Channel]]] = {
    "slack": (SlackSection, Slack),
    "webhook": (WebhookSection, Webhook),
}


def load(section: Any) -> dict[str, Channel]:
    """The channels of the configuration file by name; raises ConfigError with every fault."""
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise ConfigError("channels cannot be used", (Fault(("channels",), "channels must be names with settings"),))
    made: dict[str, Channel] = {}
    faults: list[Fault] = []
    for name, content in section.items():
        path = ("channels", str(name))
        kind = content.get("type") if isinstance(content, Mapping) else None
        if kind is None:
            faults.append(Fault(path, f"'type' is missing; it is one of {', '.join(CHANNELS)}"))
            continue
        if not isinstance(kind, str) or kind not in CHANNELS:
            faults.append(Fault((*path, "type"), f"type {unknown_key(str(kind), CHANNELS)}".replace(" here", "")))
            continue
        settings, make = CHANNELS[kind]
        try:
            made[str(name)] = make(settings.model_validate(content))
        except ValidationError as error:
            faults += faults_of(error, settings, path)
    if faults:
        raise ConfigError("the channels cannot be used", tuple(faults))
    return made


__all__ = ["CHANNELS", "Channel", "load"]
