"""Slack, by its incoming webhooks."""

from consumers.dispatcher.channels.slack.channel import Slack
from consumers.dispatcher.channels.slack.section import SlackSection

__all__ = ["Slack", "SlackSection"]
