"""Microsoft Teams, by its workflows."""

from consumers.dispatcher.channels.teams.channel import Teams
from consumers.dispatcher.channels.teams.section import TeamsSection

__all__ = ["Teams", "TeamsSection"]
