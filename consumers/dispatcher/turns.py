"""Channels that are due, workspace by workspace: each has its turn, whatever the others have waiting. Pure."""

from collections import OrderedDict
from collections.abc import Callable

from service.model.identity import ChannelId, WorkspaceId


class Turns:
    """One channel of each workspace in turn, that of the longest wait first: the first is never behind many."""

    def __init__(self) -> None:
        self._due: OrderedDict[WorkspaceId, OrderedDict[ChannelId, None]] = OrderedDict()  # in order, both

    def add(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """*channel* of *workspace* is due; if it was already, that changes nothing."""
        self._due.setdefault(workspace, OrderedDict()).setdefault(channel)

    def take(self, may: Callable[[WorkspaceId], bool]) -> ChannelId | None:
        """The next channel, of a workspace that *may* have its turn; None: no channel is left."""
        workspace = next((one for one in self._due if may(one)), None)
        if workspace is None:
            return None
        channel, _ = self._due[workspace].popitem(last=False)
        self._due.move_to_end(workspace)
        if not self._due[workspace]:
            del self._due[workspace]
        return channel

    def put_back(self, workspace: WorkspaceId, channel: ChannelId) -> None:
        """*channel* could not go yet: it is the next."""
        self.add(workspace, channel)
        self._due[workspace].move_to_end(channel, last=False)
        self._due.move_to_end(workspace, last=False)
