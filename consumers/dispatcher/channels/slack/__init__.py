"""Slack, by its incoming webhooks."""

from consumers.dispatcher.channels.slack.channel import slack_channel
from consumers.dispatcher.channels.slack.section import SlackSection

__all__ = ["SlackSection", "slack_channel"]
