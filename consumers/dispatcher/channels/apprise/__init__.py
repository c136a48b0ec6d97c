"""The services that Apprise knows, for channels of the operator's file."""

from consumers.dispatcher.channels.apprise.channel import AppriseChannel
from consumers.dispatcher.channels.apprise.section import AppriseSection

__all__ = ["AppriseChannel", "AppriseSection"]
