"""The demo, as a new user runs it."""

import asyncio
import re
import signal
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import aiohttp

from tests.kit.archives import a_submission
from tests.kit.process import COMMAND


def test_the_demo_shows_alerts_with_their_reasons_and_ends_with_a_summary() -> None:
    """Every filing is seen, parsed or dead, alerted on and delivered; signatures verify."""
    done = subprocess.run([COMMAND, "demo", "--seconds", "2"], capture_output=True, text=True, timeout=120, check=False)

    assert "" == done.stderr
    assert 0 == done.returncode
    for text in (
        "SONUS NETWORKS INC [SONS]",
        "exercise_value >= $500,000: $582,000",
        "dead letter 0009990001-17-000044",
        "signature verified",
        "The morning in figures",
        "Latency p99",
        "Memory",
    ):
        assert text in done.stdout
    assert "SIGNATURE WRONG" not in done.stdout


async def test_one_press_lets_a_visitor_in_and_the_demo_goes_on_while_they_look() -> None:
    """No password to invent; who only follows the link is not let in, nor does anything wait for them."""
    demo = await asyncio.create_subprocess_exec(
        COMMAND, "demo", "--seconds", "3", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert demo.stdout is not None

    async def until(text: str) -> bytes:
        while text.encode() not in (line := await demo.stdout.readline()):  # type: ignore[union-attr]
            assert line, f"the demo ended without: {text}"
        return line

    try:
        link = (await until("In a browser: ")).decode().split()[-1]
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:

            async def asked(method: str, address: str) -> tuple[int, str]:
                async with session.request(method, address) as answer:
                    return answer.status, answer.url.path

            account = urljoin(link, "/account")
            wrong = await asked("POST", f"{link}0")
            followed, outside = await asked("GET", link), await asked("GET", account)
            pressed, inside = await asked("POST", link), await asked("GET", account)
            await until("going on until Ctrl-C")
            still = await asked("GET", account)
        demo.send_signal(signal.SIGINT)
        await until("The morning in figures")
    finally:
        if demo.returncode is None:
            demo.terminate()
        ended = await asyncio.wait_for(demo.wait(), 60)

    assert (404, 200, 200) == (wrong[0], followed[0], pressed[0])
    assert ["/sign-in", "/account", "/account"] == [path for _, path in (outside, inside, still)]
    assert 0 == ended


def test_the_demo_plays_a_folder_of_bare_xml(tmp_path: Path) -> None:
    """Any folder of filings can be replayed; what of it cannot be used is said, by file."""
    xml = a_submission("0009990900-25-000001", shares=50_000).split(b"<XML>\n")[1].split(b"\n</XML>")[0]
    (tmp_path / "filing.xml").write_bytes(xml)
    for name, form in (("other.txt", b"4"), ("again.txt", b"4"), ("third.txt", b"3")):
        number = f"0009990900-25-00000{3 if form == b'3' else 2}"
        data = a_submission(number).replace(b"TYPE:\t4", b"TYPE:\t" + form)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "cut.xml").write_bytes(xml[:300])
    arguments = [COMMAND, "demo", "--seconds", "1", "--submissions", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)

    assert 0 == done.returncode
    assert "EXAMPLE 0009900001 CORP [EXMP]: DOE JANE (director) bought 50,000 shares of" in done.stdout
    assert "other.txt is not played: again.txt has the same accession number" in done.stdout
    assert "third.txt is not played: it is a form 3" in done.stdout
    assert re.search(r"dead letter \S+ cut\.xml: ", done.stdout)
    assert "made up" not in done.stdout


def test_a_folder_without_filings_is_a_clear_error(tmp_path: Path) -> None:
    """It says what is looked for."""
    arguments = [COMMAND, "demo", "--submissions", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)

    assert 2 == done.returncode
    assert "holds no .txt, .nc or .xml file" in done.stderr
