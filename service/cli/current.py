"""The configuration in force, and how a new one takes its place while the service runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

import structlog
from msgspec.structs import replace

from service.cli import configfile
from service.cli.configfile import Configuration
from service.clock import now
from service.model.errors import ConfigError
from service.presence import digest_of
from service.store.processes import Loaded

log = structlog.get_logger()


class Current:
    """The *configuration* in force, and how it was *loaded* (None: from no file).

    What uses it runs ``during`` it: from the beginning, and from the beginning again with each configuration that
    takes its place. Every loop can be cancelled at any point and goes on from what is committed, so nothing is lost
    or doubled.
    """

    def __init__(self, configuration: Configuration, loaded: Loaded | None = None) -> None:
        self.configuration = configuration
        self.loaded = loaded
        self._exchanged = asyncio.Event()
        self._one = asyncio.Lock()  # reload at a time

    @classmethod
    def of(cls, path: Path) -> Self:
        """That of the file at *path*; raises ConfigError where it is unusable."""
        return cls(*_load(path))

    async def during(self, run: Callable[[Configuration], Awaitable[None]]) -> None:
        """Run *run* with the configuration in force; what it raises comes through."""
        while True:
            exchanged = self._exchanged
            work = asyncio.ensure_future(run(self.configuration))
            bell = asyncio.ensure_future(exchanged.wait())
            try:
                await asyncio.wait({work, bell}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    await work
                    return
            finally:
                for task in (work, bell):
                    task.cancel()
                await asyncio.gather(work, bell, return_exceptions=True)

    async def reload(self, prepare: Callable[[Configuration, Configuration], None]) -> None:
        """Load the file again; where it is unusable, keep the configuration in force, and say why.

        *prepare* gets the old and the new one before the new one is used.
        """
        if self.loaded is None:
            log.warning("nothing_to_reload", detail="the roles of this process use no configuration file")
            return
        async with self._one:
            path = Path(self.loaded.path)
            try:
                configuration, loaded = await asyncio.to_thread(_load, path)
            except ConfigError as error:
                self._keep(str(error))
                return
            prepare(self.configuration, configuration)
            self.configuration, self.loaded = configuration, loaded
            exchanged, self._exchanged = self._exchanged, asyncio.Event()
            exchanged.set()
        channels = list(configuration.channels)
        log.info("configuration_reloaded", path=str(path), rules=len(configuration.rules), channels=channels)

    def _keep(self, fault: str) -> None:
        assert self.loaded is not None
        self.loaded = replace(self.loaded, fault=fault)
        log.error("configuration_not_reloaded", path=self.loaded.path, detail=f"the last good one stays: {fault}")


def _load(path: Path) -> tuple[Configuration, Loaded]:
    digest = digest_of(path) or ""  # before it is loaded: what is written in between counts as a change
    configuration = configfile.load(path)
    return configuration, Loaded(path=str(path.absolute()), digest=digest, at=now())
