"""The receiver for trying webhooks out."""

import signal
import subprocess
from pathlib import Path

import aiohttp

from service.cli.sink import Receipt, Sink
from tests.kit.filings import now
from tests.kit.process import COMMAND
from tests.kit.receiver import SECRET


async def test_the_sink_verifies_signatures() -> None:
    """A wrong one gets 401. What is neither Slack's nor a webhook's is told as well, with why it was not used."""
    receipts: list[Receipt] = []
    wrong = {"webhook-id": "x", "webhook-timestamp": str(int(now().timestamp())), "webhook-signature": "v1,AAAA"}
    async with Sink(0, [SECRET], receipts.append) as sink, aiohttp.ClientSession() as session:
        async with session.post(sink.url, json={"headline": "h"}, headers=wrong) as answer:
            assert 401 == answer.status
        async with session.post(sink.url, json={"text": "a &amp; b"}) as answer:
            assert 200 == answer.status
        async with session.post(f"{sink.url}/x", data=b"\xff") as answer:
            assert 400 == answer.status
        async with session.get(sink.url) as answer:
            assert 405 == answer.status

    assert [("webhook", False), ("slack", None)] == [(one.kind, one.verified) for one in receipts if one.why is None]
    unused = [("POST", "/x", "its body is not JSON"), ("GET", "/", "Slack and webhooks send POST")]
    assert unused == [(one.method, one.path, one.why) for one in receipts if one.why]


def test_the_sink_command_listens_until_it_is_stopped(home: Path) -> None:
    """Ctrl-C ends it without a traceback."""
    process = subprocess.Popen([COMMAND, "sink", "--port", "0"], cwd=home, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "listening on http://127.0.0.1:" in process.stderr.readline()
    process.send_signal(signal.SIGINT)

    assert "" == process.stderr.read()
    assert 0 == process.wait()
