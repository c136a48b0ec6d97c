"""Health and metrics over HTTP, for whoever runs the service. Nothing listens unless an address is set."""

import asyncio
import errno
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web
from sqlalchemy import select

from service.clock import now
from service.log.source import Log
from service.model.errors import ConfigError, Unavailable
from service.settings import Settings
from service.store import Database, day_records
from service.watch.checks import conditions
from service.watch.look import Look, Probe
from service.watch.metrics import CONTENT_TYPE, Metrics

KEPT_OPEN = 75.0  # seconds that a connection may ask nothing, or not come to the end of its headers
_PATIENCE = 8.0  # seconds for the database and the log to answer
_FRESH = 5.0  # seconds that what one look has found is kept, whoever asks how often


class Monitor:
    """Serves ``/health/live``, ``/health/ready`` and ``/metrics`` on *place* while the context is open.

    *app* is served there as well. Live: every loop comes round. Ready: the database and the log answer as well, and the
    database can be written to: *trouble* says why it cannot, as of the last of the writes that are tried every other
    second, whoever asks how often. Entering raises ConfigError if the address cannot be used.
    """

    def __init__(
        self,
        place: tuple[str, int],
        metrics: Metrics,
        database: Database,
        log: Log,
        roles: Collection[str],
        settings: Settings,
        trouble: Probe = lambda: None,
        app: web.Application | None = None,
    ) -> None:
        self._place = place
        self._metrics = metrics
        self._database = database
        self._log = log
        self._roles = roles
        self._settings = settings
        self._trouble = trouble
        self._look: Look | None = None  # None: nobody has asked yet
        app = web.Application() if app is None else app
        app.router.add_get("/health/live", self._live)
        app.router.add_get("/health/ready", self._ready)
        app.router.add_get("/metrics", self._exposition)
        self._runner = web.AppRunner(
            app, access_log=None, keepalive_timeout=KEPT_OPEN, auto_decompress=False, shutdown_timeout=1.0
        )

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        host, port = self._place
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            taken = error.errno == errno.EADDRINUSE
            why = "is in use; choose another port" if taken else f"cannot be used: {error.strerror}"
            raise ConfigError(f"FILINGBELL_HTTP: {host}:{port} {why}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        silent = self._metrics.silent()
        return _answer(not silent, {"live": not silent, "silent": silent})

    async def _ready(self, _request: web.Request) -> web.Response:
        account: dict[str, Any] | None = None
        wrong = [f"loop {loop} is silent" for loop in self._metrics.silent()]
        if trouble := self._trouble():
            wrong.append(f"database: {trouble}")
        for name, look in (("database", self._database_answers()), ("log", self._log.ready())):
            try:
                async with asyncio.timeout(_PATIENCE):
                    await look
            except (Unavailable, ConfigError) as error:
                wrong.append(f"{name}: {error}")
            except TimeoutError:
                wrong.append(f"{name}: no answer in time")
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                account = await self._completeness()
        return _answer(not wrong, {"ready": not wrong, "wrong": wrong, "completeness": account})

    async def _exposition(self, _request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_PATIENCE):
                body = await self._metrics.exposition(self._current(), self._roles)
        except (Unavailable, TimeoutError):  # what this process has counted is told all the same
            body = self._metrics.counted()
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    async def _completeness(self) -> dict[str, Any]:
        """What the indexes of the SEC have shown, and what is wrong, by kind; neither decides about readiness."""
        look = self._current()
        unproven, missing = await look.unproven()
        return {
            "last_complete_day": await day_records.last_complete(self._database),
            "days_unproven": unproven,
            "filings_missing": missing,
            "gaps": len(await look.gaps()),
            "conditions": Counter(one.kind.value for one in await conditions(look)),
        }

    def _current(self) -> Look:
        """The service as it was a few seconds ago at most."""
        at = now()
        if self._look is None or not 0 <= (at - self._look.now).total_seconds() <= _FRESH:
            self._look = Look(self._database, self._log, self._settings, at, self._trouble)
        return self._look

    async def _database_answers(self) -> None:
        async with self._database.reading() as connection:
            await connection.scalar(select(1))


def _answer(good: bool, content: dict[str, Any]) -> web.Response:
    return web.Response(
        status=200 if good else 503, body=orjson.dumps(content), headers={"Content-Type": "application/json"}
    )
