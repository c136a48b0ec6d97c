"""Discord, by its webhooks."""

from consumers.dispatcher.channels.discord.channel import discord_channel
from consumers.dispatcher.channels.discord.section import DiscordSection

__all__ = ["DiscordSection", "discord_channel"]
