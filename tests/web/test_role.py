"""The role `web` of a running service."""

from pathlib import Path

import aiohttp

from tests.kit.eventually import eventually
from tests.kit.process import Service, printed
from tests.servers.server import free_port


async def test_a_token_of_the_command_is_let_in_by_the_service(tmp_path: Path) -> None:
    """Beside health and metrics, at the same address, and until it is revoked."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    service = Service(tmp_path, None, http=f"127.0.0.1:{port}")
    secret = (await service.command("tokens", "add", "script")).splitlines()[0]
    await service.start("web")
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {secret}"}) as session:

            async def status(path: str) -> int:
                try:
                    async with session.get(f"{url}{path}") as response:
                        return response.status
                except aiohttp.ClientConnectionError:
                    return 0

            async def is_up() -> bool:
                return await status("/health/live") == 200

            await eventually(is_up)
            asked = [await status(path) for path in ("/api/v1/me", "/metrics", "/health/ready")]
            listed = await service.command("tokens", "list")
            await service.command("tokens", "revoke", "script")
            revoked = await status("/api/v1/me")
    finally:
        ended = await service.stop()

    assert [200, 200, 200] == asked
    assert "read, write" in listed
    assert (401, 0) == (revoked, ended)


async def test_nothing_is_served_in_the_clear_beyond_this_machine(tmp_path: Path) -> None:
    """Said at the start, with what to set instead."""
    said = (await printed("run", "web", home=tmp_path, http="0.0.0.0:9464")).decode()
    without = (await printed("run", "web", home=tmp_path)).decode()

    assert "FILINGBELL_HTTP_TRUSTED=https://its.name" in said
    assert "set FILINGBELL_HTTP=127.0.0.1:9464" in without
