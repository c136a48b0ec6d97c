"""Mail, by any server that takes it for others."""

from consumers.dispatcher.channels.email.channel import Email
from consumers.dispatcher.channels.email.section import EmailSection

__all__ = ["Email", "EmailSection"]
