"""The kinds of channels. A new one is a folder here (its channel, its section, its help) and a line in the table."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from pydantic import ValidationError

from consumers.dispatcher.channels.apprise import AppriseChannel, AppriseSection
from consumers.dispatcher.channels.channel import Channel
from consumers.dispatcher.channels.discord import DiscordSection, discord_channel
from consumers.dispatcher.channels.email import Email, EmailSection
from consumers.dispatcher.channels.ntfy import Ntfy, NtfySection
from consumers.dispatcher.channels.pagerduty import PagerDuty, PagerDutySection
from consumers.dispatcher.channels.section import ChannelSection
from consumers.dispatcher.channels.slack import SlackSection, slack_channel
from consumers.dispatcher.channels.slack_bot import SlackBot, SlackBotSection
from consumers.dispatcher.channels.teams import TeamsSection, teams_channel
from consumers.dispatcher.channels.telegram import Telegram, TelegramSection
from consumers.dispatcher.channels.webhook import Webhook, WebhookSection
from consumers.language.sections import Path, Section, faults_of, named_sections, unknown_value
from service.model.errors import ConfigError, Fault
from service.words import nearest

CHANNELS: Mapping[str, tuple[type[ChannelSection], Callable[[Any], Channel]]] = {
    "slack": (SlackSection, slack_channel),
    "slack_bot": (SlackBotSection, SlackBot),
    "teams": (TeamsSection, teams_channel),
    "discord": (DiscordSection, discord_channel),
    "email": (EmailSection, Email),
    "telegram": (TelegramSection, Telegram),
    "ntfy": (NtfySection, Ntfy),
    "pagerduty": (PagerDutySection, PagerDuty),
    "apprise": (AppriseSection, AppriseChannel),
    "webhook": (WebhookSection, Webhook),
}


def load(section: Any) -> dict[str, Channel]:
    """The channels of the configuration file by name; raises ConfigError with every fault."""
    made: dict[str, Channel] = {}
    faults: list[Fault] = []
    for name, content in named_sections(section, "channels", faults).items():
        path = ("channels", name)
        kind = content.get("type") if isinstance(content, Mapping) else None
        if isinstance(kind, str) and kind in CHANNELS:
            settings, make = CHANNELS[kind]
            try:
                made[name] = make(settings.model_validate(content))
            except ValidationError as error:
                faults += faults_of(error, settings, path)
        else:
            faults += _faults_of_no_kind(content, kind, path)
    if faults:
        raise ConfigError("the channels cannot be used", tuple(faults))
    return made


def _faults_of_no_kind(content: Any, kind: Any, path: Path) -> list[Fault]:
    """That there is no such *kind* of channel, and what else is wrong in *content* whichever of them is meant."""
    if not isinstance(content, Mapping) or kind is None:
        told = Fault(path, f"'type' is missing; it is one of {', '.join(CHANNELS)}")
    else:
        told = Fault((*path, "type"), unknown_value(str(kind), CHANNELS, "type of channel"))
    if not isinstance(content, Mapping):
        return [told]
    near = nearest(str(kind), CHANNELS)
    meant = [near] if near else [name for name, (settings, _) in CHANNELS.items() if _takes(settings, content)]
    found = [_faults({**content, "type": name}, CHANNELS[name][0], path) for name in meant]
    return [told, *(fault for fault in chain(*found[:1]) if all(fault in others for others in found))]


def _takes(settings: type[ChannelSection], content: Mapping[str, Any]) -> bool:
    """Whether a channel with *settings* can be meant: it has whatever *content* says, and anybody can make one."""
    return not settings.operators and set(content) <= {*settings.keys(), "type"}


def _faults(content: Mapping[str, Any], settings: type[Section], path: Path) -> list[Fault]:
    try:
        settings.model_validate(content)
    except ValidationError as error:
        return faults_of(error, settings, path)
    return []


__all__ = ["CHANNELS", "Channel", "load"]
