"""Commands whose output goes nowhere: a reader that has gone, a full disk, a closed output."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from service.store.database import open_database
from tests.kit.places import SAMPLES
from tests.kit.process import COMMAND

SONUS = SAMPLES / "0009990001-13-000001.txt"


@pytest.mark.parametrize("arguments", [["schema"], ["parse", str(SONUS)], ["secret"], ["status"], ["dlq", "--help"]])
async def test_a_reader_that_has_gone_is_no_answer(home: Path, arguments: list[str]) -> None:
    """`completeness | head` must not look like a missing filing: 141, as SIGPIPE would give, and silence."""
    (home / "state").mkdir()
    await (await open_database(f"sqlite:///{home}/state/filingbell.db")).close()
    reader, writer = os.pipe()
    os.close(reader)
    done = await asyncio.to_thread(print_to, writer, home, *arguments)

    assert (141, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize("arguments", [["schema"], ["parse", str(SONUS)], ["secret"]])
def test_a_full_disk_is_said(home: Path, arguments: list[str]) -> None:
    """What was asked for is not there: exit status 1."""
    done = print_to(os.open("/dev/full", os.O_WRONLY), home, *arguments)

    assert 1 == done.returncode
    assert b"filingbell: what it prints, or a file, cannot be written: No space left on device\n" == done.stderr


def test_a_closed_output_is_no_fault(home: Path) -> None:
    """As a supervisor may leave it."""
    done = subprocess.run(["/bin/sh", "-c", f"exec {COMMAND} check >&-"], cwd=home, stderr=subprocess.PIPE, check=False)

    assert (0, b"") == (done.returncode, done.stderr)


def print_to(output: int, home: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"FILINGBELL_HOME": str(home / "state")}
    try:
        return subprocess.run(
            [COMMAND, *arguments], stdout=output, stderr=subprocess.PIPE, env=environment, timeout=60, check=False
        )
    finally:
        os.close(output)
