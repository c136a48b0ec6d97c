"""How one task of a process tells another that there is something to read."""

import asyncio


class Bell:
    """Rings when something was committed. Clear it before looking: what comes while looking rings again."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, now or when it next waits."""
        self._rung.set()

    def clear(self) -> None:
        """Forget the rings so far."""
        self._rung.clear()

    async def wait(self, limit: float | asyncio.Timeout) -> None:
        """Return at the next ring, or after *limit* (seconds): other processes' commits ring nothing here."""
        try:
            async with limit if isinstance(limit, asyncio.Timeout) else asyncio.timeout(limit):
                await self._rung.wait()
        except TimeoutError:
            pass


class Chime(Bell):
    """A bell for every name that begins alike, which remembers what rang."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix
        self._names: set[str] = set()

    def heard(self, name: str) -> None:
        """Ring for *name*."""
        self._names.add(name.removeprefix(self.prefix))
        self.ring()

    def taken(self) -> set[str]:
        """What has rung since the last call, without the prefix; forgets it."""
        self.clear()
        names, self._names = self._names, set()
        return names
