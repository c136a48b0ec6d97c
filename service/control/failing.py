"""A rule that fails on every filing is disabled, as a person would: through a change that the audit log keeps."""

from collections.abc import Callable
from datetime import datetime

import structlog

from service.control import resources
from service.model.errors import NotFound, Stale
from service.model.resource import SERVICE, Actor, ResourceKind
from service.store import Database, failures
from service.store.failures import FailingRule
from service.vitals import Vitals

PATIENCE = 20  # filings in a row

_LOOK = 15.0  # seconds between looks for what nobody rang for

log = structlog.get_logger()


class Breaker:
    """Disables the rules that failed on ``PATIENCE`` filings in a row; several may run, and each rule is disabled once.

    A failure on some filings and not on others is a fault worth mending, but no reason to take the other alerts away.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], vitals: Vitals) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Look without end; raises Unavailable where the database is."""
        bell = self._database.bell(failures.FAILED)
        while True:
            self._vitals.beat("failing-rules")
            bell.clear()
            await self.look()
            await bell.wait(_LOOK)

    async def look(self) -> None:
        """Disable what fails now."""
        for one in await failures.failing(self._database, PATIENCE):
            await self._disable(one)

    async def _disable(self, one: FailingRule) -> None:
        reason = f"it failed on {one.count} filings in a row, the last {one.accession}: {one.detail}"
        actor = Actor(name=SERVICE, workspace=one.workspace)
        try:
            await resources.switch(
                self._database,
                actor,
                ResourceKind.RULE,
                one.rule,
                self._clock(),
                enabled=False,
                expected=one.revision,
                reason=reason,
            )
        except (NotFound, Stale):
            return  # somebody was quicker; what stands now has a row of its own to fail in
        log.error("rule_disabled", id=one.rule, workspace=one.workspace, detail=reason)
