"""The role `web` of a running service."""

import re
import socket
from contextlib import suppress
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
    without = (await printed("run", "web", home=tmp_path, http="off")).decode()

    assert "FILINGBELL_HTTP_TRUSTED=https://its.name" in said
    assert "FILINGBELL_HTTP is off: unset it" in without


async def test_a_start_prints_the_address_and_the_link_that_makes_the_first_account(tmp_path: Path) -> None:
    """Until somebody has one; then the address alone."""
    url = f"http://127.0.0.1:{free_port()}"
    service = Service(tmp_path, None, http=url.removeprefix("http://"))

    async def told() -> str:
        before = len(service.log()) if (tmp_path / "log").exists() else 0
        await service.start("web")

        async def has_started() -> bool:
            return '"started"' in service.log()[before:] and f"filingbell is at {url}\n" in service.log()[before:]

        await eventually(has_started)
        return service.log()[before:]

    try:
        first = await told()
        (link,) = re.findall(rf"Make the first account: ({url}/welcome/\S+)", first)
        async with aiohttp.ClientSession() as session:
            sent = {"name": "anna", "password": "correct horse battery", "again": "correct horse battery"}
            async with session.post(link, data=sent, allow_redirects=False) as answer:
                made = answer.status
        await service.stop()
        again = await told()
    finally:
        await service.stop()

    assert 303 == made
    assert "Make the first account" not in again


async def test_a_port_that_nobody_chose_and_somebody_has_stops_nothing_else(tmp_path: Path) -> None:
    """The log says how to choose one; with a port that was chosen, or nothing else to run, it is an error."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has it: so much the better
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        service = Service(tmp_path, None, http="", sec_contact="Anna anna@example.com", sec_url="http://127.0.0.1:1")
        await service.start()
        try:

            async def has_started() -> bool:
                return '"started"' in service.log()

            await eventually(has_started)
        finally:
            ended = await service.stop()
        alone = (await printed("run", "web", home=tmp_path, http="")).decode()

    log = service.log()
    assert 0 == ended
    assert "pages_not_served" in log
    assert "127.0.0.1:8787 is in use" in log
    assert '"web"' not in log
    assert "127.0.0.1:8787 is in use; choose another port" in alone
