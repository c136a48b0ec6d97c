"""Where alerts may go: who is not the operator reaches nothing but the public internet, however it is spelled."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography.fernet import Fernet

from consumers.dispatcher.channels import load
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.post import Answer, Mail, NoAnswer, Parcel, Request, Security
from service.control import resources
from service.control.sections import Inventory, stored
from service.egress import PUBLIC, Egress, special
from service.model.delivery import Reason
from service.model.errors import ConfigError, Faulty
from service.model.identity import DEFAULT
from service.model.resource import Actor, ResourceKind
from service.proxy import through
from service.settings import load as load_settings
from service.store import Database
from service.vault import Vault
from tests.kit.filings import now
from tests.kit.forward import ForwardProxy
from tests.kit.mailbox import Mailbox

# Addresses of each network that is not for everybody, with its ends: private, loopback, link-local, metadata, shared,
# reserved, multicast, examples, benchmarks, protocols, and IPv6 that stands for IPv4.
_ADDRESSES = """
127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 127.255.255.255 127.0.0.0 10.0.0.0 10.0.0.1 10.255.255.255 172.16.0.0
172.16.0.1 172.20.10.1 172.31.255.255 192.168.0.0 192.168.1.1 192.168.255.255 169.254.0.0 169.254.0.1 169.254.169.254
169.254.170.2 169.254.170.23 169.254.255.255 168.63.129.16 100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255
0.0.0.0 0.0.0.1 0.1.2.3 0.255.255.255 192.0.0.0 192.0.0.8 192.0.0.9 192.0.0.10 192.0.0.170 192.0.0.192 192.0.0.255
192.0.2.0 192.0.2.1 192.0.2.255 192.88.99.0 192.88.99.1 192.88.99.255 192.31.196.1 192.52.193.1 192.175.48.1
198.18.0.0 198.18.0.1 198.19.255.255 198.51.100.0 198.51.100.1 198.51.100.255 203.0.113.0 203.0.113.1 203.0.113.255
224.0.0.0 224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250 239.255.255.255 240.0.0.0 240.0.0.1 250.1.2.3
255.255.255.254 255.255.255.255 :: ::1 ::2 ::7f00:1 ::127.0.0.1 ::10.0.0.1 ::8.8.8.8 ::a9fe:a9fe ::ffff:127.0.0.1
::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 ::ffff:0:0:1 64:ff9b::
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8 64:ff9b::ffff:ffff 64:ff9b:1:: 64:ff9b:1::a9fe:a9fe
64:ff9b:1:ffff:ffff:ffff:ffff:ffff 64:ff9b:2::1 100:: 100::1 100:0:0:1::1 100:1::1 200::1 400::1 800::1 1000::1
1fff:ffff::1 2001:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:0:7f00:1::1 2001:1::1 2001:1::2 2001:2::1
2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:2f:ffff::1 2001:30::1 2001:1ff:ffff::1 2001:db8:: 2001:db8::1
2001:db8:ffff::1 2002:: 2002:7f00:1:: 2002:7f00:1::1 2002:a00:1::1 2002:a9fe:a9fe::1 2002:c0a8:101::1 2002:808:808::1
2002:ffff:ffff::1 2620:4f:8000::1 3fff::1 3fff:fff:ffff::1 4000::1 5f00::1 5f00:ffff::1 6000::1 8000::1 a000::1
c000::1 e000::1 f000::1 fc00:: fc00::1 fd00::1 fd00:ec2::254 fd00:ec2::23 fd20:ce::254 fdff:ffff::1 fe00::1 fe80::
fe80::1 fe80::a9fe:a9fe febf:ffff::1 fec0:: fec0::1 feff:ffff::1 ff00::1 ff01::1 ff02::1 ff02::2 ff02::fb ff05::2
ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
"""

# What stands in an address in their place: some library reads each as this machine, or as an internal one.
_SPELLINGS = """
localhost LOCALHOST LocalHost localhost. localhost.. a.localhost www.localhost. 127.0.0.1. 10.0.0.1.
2130706433 2130706433. 0x7f000001 0X7F000001 0x7f.1 0x7f.0.0.1 0x7f.0x0.0x0.0x1 017700000001 0177.0.0.1 0177.0.0.01
0177.0.1 0177.1 127.1 127.0.1 127.00.00.01 127.0.0.01 127.000.000.001 0 0. 0x0 0x 00 0.0 0.0.0 0000.0.0.0 1 1.1
4294967295 4294967296 127.0.0.256 127.0.0.1.1 127..0.1 .127.0.0.1 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 2852039166
0251.0376.0251.0376 0251.254.169.254 169.254.43518 169.16689662 0xa9.254.0251.254 0x0a000001 167772161 012.0.0.1 10.1
192.168.257 3232235777 1270.0.1 127.0.0.1%00 127.0.0.1%20 127.0.0.1%2f %31%32%37.0.0.1 127%2e0%2e0%2e1 localhos%74
[::1%25lo] [fe80::1%25eth0] [fe80::1%eth0] [::1%lo] [::1%1] [::ffff:127.0.0.1%25lo] [::1%0] [127.0.0.1]
[0:0:0:0:0:0:0:1] [0000:0000::0001] [::0:1] [::ffff:7F00:0001] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:127.1]
[::ffff:0x7f.1] [v1.1] [::1::] [::G] [] [1] 0x7f.0.0.0x1. 127.0.0.0x1 evil.example.0x7f example.1
user@127.0.0.1 user:password@127.0.0.1 hooks.slack.com@127.0.0.1 hooks.slack.com:443@127.0.0.1
hooks.slack.com%40@127.0.0.1 hooks.slack.com%2f@127.0.0.1 a@hooks.slack.com@127.0.0.1 @127.0.0.1 :@127.0.0.1
hooks.slack.com\\@127.0.0.1 127.0.0.1\\@hooks.slack.com hooks.slack.com\\.127.0.0.1 127.0.0.1\\.hooks.slack.com
127\u30020\u30020\u30021 127.0.0\u30021 127\uff0e0\uff0e0\uff0e1 127\uff610\uff610\uff611 127.0.0.1\u3002
\uff11\uff12\uff17.0.0.1 \u2460\u2461\u2466.\u24ea.\u24ea.\u2460 \U0001d7cf\U0001d7d0\U0001d7d5.0.0.1
\u0967\u0968\u096d.\u0966.\u0966.\u0967 \u0660.\u0660.\u0660.\u0660
\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3
\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54 lo\u00adcalhost local\u200bhost localho\u017ft LOCALHO\u017fT
[\uff1a\uff1a1] 127.0.0.1\u2024 -a.example a-.example a..example
"""

ADDRESSES = _ADDRESSES.split()
SPELLINGS = _SPELLINGS.split()


class Table(AbstractResolver):
    """Gives each name the next of its answers; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.asked += 1
        return [
            {
                "hostname": host,
                "host": one,
                "port": port,
                "family": socket.AF_INET6 if ":" in one else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for one in answer
        ]

    async def close(self) -> None:
        """Nothing is open."""


class Listener:
    """A server on every address of this machine: which of them were connected to."""

    def __init__(self) -> None:
        self.port = 0
        self.reached: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.append(writer.get_extra_info("sockname")[0])
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nSECRET")
        writer.close()


@asynccontextmanager
async def a_listener() -> AsyncIterator[Listener]:
    listener = Listener()
    async with await asyncio.start_server(listener.serve, "0.0.0.0") as four:
        listener.port = four.sockets[0].getsockname()[1]
        async with AsyncExitStack() as stack:
            with suppress(OSError):  # a machine without IPv6
                await stack.enter_async_context(await asyncio.start_server(listener.serve, "::", listener.port))
            yield listener


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that this process has begun to connect to, whoever would answer there."""
    attempts: list[Any] = []
    connect = asyncio.SelectorEventLoop.sock_connect

    async def noted(loop: asyncio.SelectorEventLoop, sock: socket.socket, address: Any) -> None:
        attempts.append(address)
        await connect(loop, sock, address)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", noted)
    return attempts


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


async def posted(
    url: str, egress: Egress = PUBLIC, resolver: AbstractResolver | None = None, *, trusted: bool = False
) -> Answer | NoAnswer:
    return await carried(Request(url=url, headers={}, body=b"{}"), egress, resolver, trusted=trusted)


async def carried(
    parcel: Parcel, egress: Egress = PUBLIC, resolver: AbstractResolver | None = None, *, trusted: bool = False
) -> Answer | NoAnswer:
    async with doors(egress, resolver) as opened:
        return await Guard(opened, now, str).post(parcel, trusted=trusted)


def a_mail(host: str, port: int) -> Mail:
    return Mail(
        host=host,
        port=port,
        security=Security.NONE,
        login=None,
        sender="a@example.com",
        recipient="b@example.com",
        body=b"Subject: s\r\n\r\nt\r\n",
    )


def refused(answer: Answer | NoAnswer) -> bool:
    return isinstance(answer, NoAnswer) and answer.reason is Reason.NOT_ALLOWED


async def test_no_internal_address_is_connected_to_neither_written_nor_looked_up(tried: list[Any]) -> None:
    """As it stands in an address, and as what any name stands for: not one connection is even begun."""
    wrong, resolver = [], Table(*([one] for one in ADDRESSES))
    async with a_listener() as listener, doors(resolver=resolver) as opened:
        guard = Guard(opened, now, str)
        for number, one in enumerate(ADDRESSES):
            for host in (f"[{one}]" if ":" in one else one, f"hook-{number}.example"):
                request = Request(url=f"http://{host}:{listener.port}/", headers={}, body=b"{}")
                wrong += [] if refused(await guard.post(request)) else [(one, host)]

    assert ([], [], []) == (wrong, tried, listener.reached)
    assert len(ADDRESSES) == resolver.asked


async def test_no_spelling_of_this_machine_is_connected_to(tried: list[Any]) -> None:
    """A resolver that takes everything for 127.0.0.1 helps nobody."""
    wrong = []
    async with a_listener() as listener, doors(resolver=Table(["127.0.0.1"])) as opened:
        guard = Guard(opened, now, str)
        for host in SPELLINGS:
            answer = await guard.post(Request(url=f"http://{host}:{listener.port}/", headers={}, body=b"{}"))
            wrong += [host] if isinstance(answer, Answer) or answer.reason is Reason.OUR_FAULT else []

    assert ([], [], []) == (wrong, tried, listener.reached)


async def test_no_internal_mail_server_is_connected_to(tried: list[Any]) -> None:
    """The same for mail: every address, as it stands and as what a name stands for, and every spelling."""
    wrong, resolver = [], Table(*([one] for one in ADDRESSES), ["127.0.0.1"])
    async with a_listener() as listener, doors(resolver=resolver) as opened:
        guard = Guard(opened, now, str)
        for number, one in enumerate(ADDRESSES):
            for host in (one, f"mail-{number}.example"):
                wrong += [] if refused(await guard.post(a_mail(host, listener.port))) else [(one, host)]
        asked = resolver.asked
        for host in SPELLINGS:
            answer = await guard.post(a_mail(host, listener.port))
            wrong += [host] if isinstance(answer, Answer) or answer.reason is Reason.OUR_FAULT else []

    assert ([], [], []) == (wrong, tried, listener.reached)
    assert len(ADDRESSES) == asked


async def test_a_mail_server_is_reached_where_the_operator_allows_it(tried: list[Any]) -> None:
    """By the file, or by the list; of several addresses by the allowed ones alone."""
    async with Mailbox(host="127.0.0.2") as box:
        table = Table(["127.0.0.1", "127.0.0.2", "::1"])
        mail = a_mail("mail.example", box.port)
        answers = [
            await carried(mail, Egress.parse("127.0.0.2"), table),
            await carried(mail, Egress.parse(f"127.0.0.2:{box.port}"), table),
            await carried(mail, Egress.parse(f"mail.example:{box.port}"), Table(["127.0.0.2"])),
            await carried(mail, PUBLIC, Table(["127.0.0.2"]), trusted=True),
        ]
        others = [
            await carried(mail, Egress.parse(f"127.0.0.2:{box.port + 1}"), table),
            await carried(mail, PUBLIC, table),
        ]

    assert [250] * 4 == [one.status for one in answers if isinstance(one, Answer)]
    assert all(map(refused, others))
    assert {"127.0.0.2"} == {address[0] for address in tried}


@pytest.mark.parametrize("host", ["127.0.0.1", "hook.example", "127.0.0.2"])
async def test_what_is_refused_would_have_been_reached(host: str, tried: list[Any]) -> None:
    """By the operator's file, or where the operator allows it: the tests above can fail."""
    async with a_listener() as listener:
        url, resolver = f"http://{host}:{listener.port}/", Table(["127.0.0.1"])
        answers = [
            await posted(url, resolver=resolver, trusted=True),
            await posted(url, Egress.parse("127.0.0.0/8"), resolver),
            await posted(url, Egress.parse(f"{host}:{listener.port}"), resolver),
        ]
        other = await posted(url, Egress.parse(f"{host}:{listener.port + 1}"), resolver)

    assert [200, 200, 200] == [one.status for one in answers if isinstance(one, Answer)]
    assert refused(other)
    assert len(tried) == len(listener.reached) == 3


async def test_a_name_that_changes_what_it_stands_for_gains_nothing() -> None:
    """What is checked is what is connected to, and no second look is taken between."""
    egress, resolver = Egress.parse("127.0.0.2"), Table(["127.0.0.2"], ["127.0.0.1"])
    async with a_listener() as listener:
        url = f"http://rebinding.example:{listener.port}/"
        answers = [await posted(url, egress, resolver) for _ in range(5)]

    assert [False, True, True, True, True] == [refused(one) for one in answers]
    assert (["127.0.0.2"], 5) == (listener.reached, resolver.asked)


async def test_of_several_addresses_the_allowed_ones_alone_are_connected_to() -> None:
    """Whatever their order: an internal address beside a public one is left out."""
    egress = Egress.parse("127.0.0.2")
    orders = (["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "::1"], ["::1", "10.0.0.1", "127.0.0.2", "127.0.0.3"])
    async with a_listener() as listener:
        answers = [
            await posted(f"http://several.example:{listener.port}/", egress, Table(several)) for several in orders
        ]

    assert all(isinstance(one, Answer) for one in answers)
    assert ["127.0.0.2"] * 3 == listener.reached


async def test_nothing_of_the_internal_network_is_told() -> None:
    """Not even what the name stands for there."""
    async with a_listener() as listener:
        answer = await posted(f"http://hook.example:{listener.port}/", resolver=Table(["127.0.0.1"]))

    assert isinstance(answer, NoAnswer)
    assert "not on the public internet, nor in FILINGBELL_EGRESS_ALLOW" == answer.detail


async def test_a_connection_of_the_operators_is_nobody_elses() -> None:
    """One that is kept open would otherwise take a request whose address nobody has checked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(2)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, doors(resolver=Table(["127.0.0.1"])) as out:
        port = server.sockets[0].getsockname()[1]
        request = Request(url=f"http://hook.example:{port}/", headers={}, body=b"{}")
        guard = Guard(out, now, str)
        operators = await guard.post(request, trusted=True)
        others = await guard.post(request)

    assert isinstance(operators, Answer)
    assert refused(others)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "127.1", "intranet", "hook.corp", "metadata.google.internal", "printer.local", "2130706433"]
)
async def test_a_proxy_is_not_asked_for_what_is_internal(host: str) -> None:
    """It looks names up itself, so what can be seen of them is refused before."""
    async with ForwardProxy({}) as proxy, doors() as opened:
        way = through(f"http://127.0.0.1:{proxy.port}")
        request = Request(url=f"https://{host}/", headers={}, body=b"{}")
        answer = await Guard(opened, now, str, way).post(request)

    assert refused(answer)
    assert not proxy.asked


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "52.1.2.3", "2606:4700:4700::1111", "2a00:1450::1"])
def test_the_public_internet_is_allowed(address: str) -> None:
    """Nobody has to name it."""
    assert special(ip_address(address)) is None


def test_what_python_takes_for_global_is_refused_all_the_same() -> None:
    """Multicast, NAT64, 6to4, site-local, SRv6 and more: this is why there is a table."""
    taken = {one for one in ADDRESSES if ip_address(one).is_global}

    assert {"224.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "168.63.129.16", "5f00::1"} <= taken
    assert not [one for one in ADDRESSES if special(ip_address(one)) is None]


def test_a_channel_with_such_an_address_is_refused_when_it_is_made(vault: Vault) -> None:
    """By a command or over HTTP; whoever makes it knows at once where the fault is."""
    passed, told = [], set()
    addresses = {"sender": "a@example.com", "to": "b@example.com"}
    for host in (*SPELLINGS, *(f"[{one}]" if ":" in one else one for one in ADDRESSES)):
        for content in ({"type": "slack", "url": f"https://{host}/x"}, {"type": "email", "server": host, **addresses}):
            try:
                stored(ResourceKind.CHANNEL, "desk", content, Inventory(()), vault)
            except Faulty as error:
                told |= {fault.path for fault in error.faults}
            else:
                passed.append(content)

    assert ([], {("channels", "desk", "url"), ("channels", "desk", "server")}) == (passed, told)


async def test_who_makes_a_channel_is_told_what_to_do(database: Database, vault: Vault) -> None:
    """The operator allows the receiver, or names it in the file."""
    actor, kind = Actor(name="anna", workspace=DEFAULT), ResourceKind.CHANNEL
    inside, here = ({"type": "slack", "url": url} for url in ("https://10.1.2.3:8443/x", "http://127.0.0.1:6379/"))
    with pytest.raises(Faulty, match=r"10\.1\.2\.3 is a private address: .* FILINGBELL_EGRESS_ALLOW"):
        await resources.add(database, vault, actor, kind, "desk", inside, now())
    egress = Egress.parse("10.0.0.0/8")
    made = await resources.add(database, vault, actor, kind, "desk", inside, now(), egress=egress)

    with pytest.raises(Faulty, match="is a loopback address"):
        await resources.edit(database, vault, actor, kind, made.id, now(), content=here, egress=egress)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "[fe80::1%25eth0]", "\uff11\uff12\uff17.0.0.1"])
def test_a_file_may_name_any_address_but_no_puzzle(host: str) -> None:
    """Nothing could be sent there, and three days of tries would say so."""
    load({"desk": {"type": "slack", "url": "https://192.168.1.7:8443/x"}})
    with pytest.raises(ConfigError):
        load({"desk": {"type": "slack", "url": f"https://{host}/x"}})


@pytest.mark.parametrize(
    "text",
    ["10.0.0.1/8", "10.0.0.0/33", "*.internal", "https://hook", "hook.internal:0", "hook:99999", "127.1"],
)
def test_what_cannot_be_allowed_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, with the entry and what to write instead."""
    monkeypatch.setenv("FILINGBELL_EGRESS_ALLOW", f"10.0.0.0/8, {text}")

    with pytest.raises(ConfigError, match=r"FILINGBELL_EGRESS_ALLOW: '.*' cannot be used: write networks"):
        load_settings()


def test_the_tables_name_nothing_twice() -> None:
    """More than two hundred vectors, each of its own."""
    assert len(ADDRESSES) == len(set(ADDRESSES))
    assert len(SPELLINGS) == len(set(SPELLINGS))
