"""The configuration file that a service provisions from: at the start, and again when a person says so."""

import asyncio
from pathlib import Path

import structlog
from msgspec.structs import replace

from consumers import configuration as configfile
from consumers.configuration import Configuration
from service.clock import now
from service.control import provision
from service.control.provision import ProvisionPlan
from service.model.errors import ConfigError, Rejected, Unavailable
from service.model.identity import DEFAULT
from service.model.resource import Actor
from service.store import Database
from service.store.processes import Loaded
from service.vault import Vault
from service.watch.presence import digest_of

log = structlog.get_logger()


class Provisioned:
    """The file at *path* as it was last applied; ``loaded`` says when, and what was wrong with it since."""

    def __init__(self, path: Path, database: Database, vault: Vault) -> None:
        self._path = path.absolute()
        self._database = database
        self._vault = vault
        self._turn = asyncio.Lock()
        self.loaded = Loaded(path=str(self._path), digest="", at=now())

    async def apply(self) -> ProvisionPlan:
        """Make the database's resources of files those of the file.

        Raises ConfigError or Rejected where it cannot be used, and then nothing is changed; Unavailable.
        """
        digest = digest_of(self._path) or ""  # before it is read: what is written in between counts as a change
        configuration = await asyncio.to_thread(configfile.load, self._path)
        planned = await provisioned(self._database, self._vault, configuration, str(self._path))
        self.loaded = Loaded(path=str(self._path), digest=digest, at=now())
        changes = [str(step) for step in planned.steps]
        log.info("configuration_applied", path=str(self._path), changes=changes[:_NAMED], count=len(changes))
        return planned

    async def again(self) -> None:
        """Apply the file as it is now; where that cannot be done, what was applied stays, and the log says why."""
        async with self._turn:
            try:
                await self.apply()
            except (ConfigError, Rejected, Unavailable) as error:
                self.loaded = replace(self.loaded, fault=str(error))
                detail = f"the last good one stays: {error}"
                log.error("configuration_not_applied", path=str(self._path), detail=detail)  # noqa: TRY400  # no fault of ours


_NAMED = 20  # changes that the log names


async def provisioned(database: Database, vault: Vault, configuration: Configuration, path: str) -> ProvisionPlan:
    """Apply *configuration*, which stands in the file at *path*, to the default workspace."""
    actor = Actor(name=f"file:{path}", workspace=DEFAULT, file=path)
    return await provision.apply(database, vault, actor, configuration.sections, now())
