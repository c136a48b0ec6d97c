"""Through a proxy: the one that is set, for everything on the web but what runs on this machine."""

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.post import Answer, NoAnswer, Request
from service.lookalike.server import LookAlike
from service.model.errors import ConfigError, Unreachable
from service.proxy import through
from service.settings import load
from service.store import Database
from tests.kit import certificates
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.asking import asking
from tests.kit.command import CONFIG, today
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.forward import ForwardProxy
from tests.kit.process import Service
from tests.kit.receiver import Receiver
from tests.servers.server import free_port

EDGAR = "edgar.example"


@asynccontextmanager
async def a_world(folder: Path, receiver: Receiver, edgar: LookAlike) -> AsyncIterator[ForwardProxy]:
    """A proxy behind which EDGAR and a receiver are; its certificate is in *folder*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.make(folder))
    world = {certificates.HOOKS: port_of(receiver.url), EDGAR: port_of(edgar.url)}
    async with ForwardProxy(world, context) as proxy:
        yield proxy


def port_of(url: str) -> int:
    return int(url.rstrip("/").rpartition(":")[2].partition("/")[0])


async def test_edgar_and_channels_are_reached_through_the_proxy_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole service: the feed in requests with whole addresses, alerts in tunnels, the login with each."""
    archive = ScriptedArchive()
    archive.add(*listings(2))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.crt"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with LookAlike(archive) as edgar, Receiver() as receiver, a_world(tmp_path, receiver, edgar) as proxy:
        (tmp_path / "rules.yaml").write_text(CONFIG.replace("URL", f"https://{certificates.HOOKS}"))
        running = Service(
            tmp_path / "home",
            tmp_path / "rules.yaml",
            sec_url=f"http://{EDGAR}",
            sec_contact="Tests tests@example.com",
            sec_rate="10",
            poll_seconds="0.1",
            proxy=f"http://bell:geheimwort@127.0.0.1:{proxy.port}",
            log_level="debug",
        )
        await running.start("--since", today())

        async def delivered() -> bool:
            return len(receiver.ids()) == 2

        await eventually(delivered)
        assert 0 == await running.stop()

    assert {f"GET http://{EDGAR}", f"CONNECT {certificates.HOOKS}:443"} == set(proxy.asked)
    assert {"Basic " + base64.b64encode(b"bell:geheimwort").decode()} == proxy.logins
    assert "geheimwort" not in running.log()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_this_machine_is_reached_directly(host: str) -> None:
    """No proxy could reach it."""
    way = through("http://proxy:3128")

    assert way(f"http://{host}:9/x") is None
    assert "http://proxy:3128" == way("https://127.0.0.1.example.com/x")


async def test_what_a_proxy_refuses_is_the_proxys_answer(database: Database) -> None:
    """Neither EDGAR nor the receiver has said anything: no block, and the alert is tried again."""
    async with ForwardProxy({}, refusal="403 Forbidden") as proxy, doors() as opened:
        way = through(f"http://127.0.0.1:{proxy.port}")
        request = Request(url="https://hooks.example/secret", headers={}, body=b"{}")
        refused = await Guard(opened, now, str, way).post(request)
        async with asking("https://edgar.example", database, way=way) as client:
            with pytest.raises(Unreachable, match=r"the proxy \(FILINGBELL_PROXY\) refuses to connect: 403 Forbidden"):
                await client.feed_page("4", 0)

    assert isinstance(refused, NoAnswer)
    assert ("no-connection", "the proxy (FILINGBELL_PROXY) refuses to connect") == (refused.reason, refused.detail)


async def test_a_proxy_that_is_away_is_said_to_be() -> None:
    """Not the receiver, where an operator would look in vain."""
    way = through(f"http://127.0.0.1:{free_port()}")
    async with doors() as opened:
        request = Request(url="https://hooks.example/secret", headers={}, body=b"{}")
        answer = await Guard(opened, now, str, way).post(request)

    assert isinstance(answer, NoAnswer)
    assert "the proxy (FILINGBELL_PROXY) cannot be reached" == answer.detail


async def test_a_proxy_may_speak_tls_itself(tmp_path: Path) -> None:
    """https:// in its address: the login does not cross the network in the clear."""
    inner = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inner.load_cert_chain(*certificates.make(tmp_path))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "server.crt"))
    async with Receiver() as receiver:
        world = {certificates.HOOKS: port_of(receiver.url)}
        async with ForwardProxy(world, inner, tls=inner) as proxy, doors() as opened:
            assert opened.anywhere.connector is not None
            opened.anywhere.connector._ssl = trusting  # type: ignore[attr-defined]  # as SSL_CERT_FILE would have it
            way = through(f"https://127.0.0.1:{proxy.port}")
            request = Request(url=f"https://{certificates.HOOKS}/slack", headers={}, body=b"{}")
            answer = await Guard(opened, now, str, way).post(request)

    assert isinstance(answer, Answer)
    assert 200 == answer.status


def test_a_proxy_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its password is not repeated."""
    monkeypatch.setenv("FILINGBELL_PROXY", "socks5://bell:geheimwort@proxy")

    with pytest.raises(ConfigError, match=r"FILINGBELL_PROXY: write http://host:port") as told:
        load()

    assert "geheimwort" not in str(told.value)
