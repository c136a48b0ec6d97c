"""An HTTP server on the loopback address, for what stands in for the outside world."""

from types import TracebackType
from typing import Self

from aiohttp import web


class Loopback:
    """Serves *app* on *port* (0: a free one) while the context is open; ``url`` is its address then.

    Entering raises OSError if the port is taken.
    """

    def __init__(self, app: web.Application, port: int = 0) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        self._port = port
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
