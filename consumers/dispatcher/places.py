"""Places that workspaces share: each holds no more than are free, so that whoever comes next finds some. Pure."""

from collections import Counter
from collections.abc import Iterable

from service.model.identity import WorkspaceId


class Places:
    """*total* places, of which a workspace holds no more than are free.

    One alone comes to half of them, two to a third each, ten to an eleventh each: shares of one size, and one more that
    is kept free for whoever has none. What a workspace has no use for is there for the others, up to the same share.
    So nobody has to give up a place for that, which a request that hangs would not for a while.
    """

    def __init__(self, total: int) -> None:
        self._free = total
        self._held: Counter[WorkspaceId] = Counter()

    def held(self, workspace: WorkspaceId) -> int:
        """How many *workspace* holds."""
        return self._held[workspace]

    def open(self, workspace: WorkspaceId) -> bool:
        """Whether there is one for *workspace*."""
        return self._held[workspace] < self._free

    def take(self, workspace: WorkspaceId, count: int = 1) -> None:
        """*workspace* holds *count* more."""
        self._free -= count
        self._held[workspace] += count

    def leave(self, workspace: WorkspaceId, count: int = 1) -> None:
        """*workspace* holds *count* less."""
        self._free += count
        self._held[workspace] -= count
        if not self._held[workspace]:
            del self._held[workspace]

    def next(self, waiting: Iterable[WorkspaceId]) -> WorkspaceId | None:
        """Of those *waiting* the one that holds fewest, the first of several; None: there is no place for any."""
        fewest = min(waiting, key=self.held, default=None)
        return fewest if fewest is not None and self.open(fewest) else None
