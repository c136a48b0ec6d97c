"""Discord, by its webhooks."""

from consumers.dispatcher.channels.discord.channel import Discord
from consumers.dispatcher.channels.discord.section import DiscordSection

__all__ = ["Discord", "DiscordSection"]
