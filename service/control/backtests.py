"""Backtests for many: each within a few seconds, and one at a time a workspace."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from consumers.matcher.match import CompiledRule
from service.clock import Clock
from service.control.backtest import backtest
from service.control.comparing import stored
from service.control.preview import compiled
from service.control.tallied import Backtest
from service.model import calendar
from service.model.errors import Fault, Faulty
from service.model.identity import WorkspaceId
from service.store import Database
from service.vault import Vault

SECONDS = 5.0  # that one takes at most; then it says what it has found, and how far back that reaches
TWO_YEARS = timedelta(days=730)


class Backtests:
    """Holds rules of workspaces against the past; who asks while another of the workspace is held waits for it."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._turns: defaultdict[WorkspaceId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of_rule(
        self,
        workspace: WorkspaceId,
        named: str,
        since: datetime | None = None,
        until: datetime | None = None,
        seconds: float = SECONDS,
    ) -> Backtest:
        """What the rule with this name or id would have done; *since* None: in two years."""
        rule = await stored(self._database, workspace, named)
        return await self._held(workspace, rule, since, until, seconds)

    async def of_draft(
        self,
        workspace: WorkspaceId,
        name: str,
        content: Any,
        since: datetime | None = None,
        until: datetime | None = None,
        seconds: float = SECONDS,
    ) -> Backtest:
        """What a rule with *content* would have done; raises Faulty with every fault of it."""
        rule = await compiled(self._database, self._vault, workspace, name, content, self._clock.now())
        return await self._held(workspace, rule, since, until, seconds)

    async def _held(
        self, workspace: WorkspaceId, rule: CompiledRule, since: datetime | None, until: datetime | None, seconds: float
    ) -> Backtest:
        now = self._clock.now()
        last = calendar.time_of_edgar(until or now, now)
        first = calendar.time_of_edgar(since or last - TWO_YEARS, now)
        if first >= last:
            raise Faulty("the time is empty:", (Fault(("since",), "it must be before until"),))
        async with self._turns[workspace]:
            return await backtest(self._database, rule, first, last, self._clock, seconds=seconds)
