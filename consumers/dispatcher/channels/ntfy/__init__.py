"""ntfy: notifications on telephones, by ntfy.sh or a server of one's own."""

from consumers.dispatcher.channels.ntfy.channel import Ntfy
from consumers.dispatcher.channels.ntfy.section import NtfySection

__all__ = ["Ntfy", "NtfySection"]
