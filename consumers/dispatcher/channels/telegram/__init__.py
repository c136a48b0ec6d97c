"""Telegram, by a bot."""

from consumers.dispatcher.channels.telegram.channel import Telegram
from consumers.dispatcher.channels.telegram.section import TelegramSection

__all__ = ["Telegram", "TelegramSection"]
