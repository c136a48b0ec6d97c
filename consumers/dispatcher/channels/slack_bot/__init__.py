"""Slack, by a bot: messages in threads, each of them once."""

from consumers.dispatcher.channels.slack_bot.channel import SlackBot
from consumers.dispatcher.channels.slack_bot.section import SlackBotSection

__all__ = ["SlackBot", "SlackBotSection"]
