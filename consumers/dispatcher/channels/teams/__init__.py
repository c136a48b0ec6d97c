"""Microsoft Teams, by its workflows."""

from consumers.dispatcher.channels.teams.channel import teams_channel
from consumers.dispatcher.channels.teams.section import TeamsSection

__all__ = ["TeamsSection", "teams_channel"]
