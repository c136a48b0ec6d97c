"""Files that are damaged, or none of ours: one sentence and what to do, never a wait for better times."""

import asyncio
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from service.model.errors import ConfigError
from service.store.database import open_database
from tests.kit.filings import a_filing_event
from tests.kit.forked import called

_PAGE = 4096
_LOOKS = [("status",), ("tail", "form4.filings", "--from-beginning"), ("dlq", "list"), ("run", "parser")]


def ask(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"FILINGBELL_HOME": str(home)}
    return called(*arguments, environment=environment)


def overwrite(file: Path, share: float, seed: int) -> None:
    """Put noise into *share* of the pages, the first left alone: the file still looks like a database."""
    chance = random.Random(seed)
    data = bytearray(file.read_bytes())
    pages = len(data) // _PAGE
    for page in chance.sample(range(1, pages), int(pages * share)):
        data[page * _PAGE : (page + 1) * _PAGE] = chance.randbytes(_PAGE)
    file.write_bytes(data)


async def use(url: str) -> None:
    """Read and write it, as commands do."""
    database = await open_database(url)
    try:
        async with database.transaction() as tx:
            for name in ("events", "deliveries"):
                await tx.execute(text(f"SELECT * FROM {name}"))
            tx.emit(a_filing_event(1000))
    except ValueError as error:  # noise where a value stood
        await database.diagnose(error)
        raise
    finally:
        await database.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with 200 filings."""
    folder = tmp_path_factory.mktemp("whole")

    async def fill() -> None:
        database = await open_database(f"sqlite:///{folder}/filingbell.db")
        async with database.transaction() as tx:
            tx.emit(*(a_filing_event(number) for number in range(200)))
        await database.close()

    asyncio.run(fill())
    return folder / "filingbell.db"


@pytest.mark.parametrize("look", _LOOKS, ids=" ".join)
def test_a_file_with_a_third_of_its_pages_overwritten_is_said_to_be_damaged(
    look: tuple[str, ...], whole: Path, tmp_path: Path
) -> None:
    """Whichever pages a command meets: no traceback, and no service that tries again for ever."""
    shutil.copy(whole, tmp_path)
    overwrite(tmp_path / "filingbell.db", 1 / 3, seed=2)
    done = ask(tmp_path, *look)

    assert "Traceback" not in done.stderr
    assert 2 == done.returncode
    assert "is damaged (" in done.stderr
    assert "put a backup in its place: docs/operations.md" in done.stderr


@pytest.mark.parametrize("seed", range(30))
async def test_a_damaged_file_is_never_an_outage(seed: int, whole: Path, tmp_path: Path) -> None:
    """Whichever half of it is noise, and whatever of it is read or written."""
    shutil.copy(whole, tmp_path)
    overwrite(tmp_path / "filingbell.db", 0.5, seed)

    with pytest.raises(ConfigError, match="is damaged"):
        await use(f"sqlite:///{tmp_path}/filingbell.db")


@pytest.mark.parametrize(
    "content", [bytes(100), bytes(8192), b"SQLite format 3\0" + bytes(8176)], ids=["100", "8k", "header"]
)
async def test_a_file_of_nuls_is_no_database(content: bytes, tmp_path: Path) -> None:
    """As a crash of the machine can leave it."""
    file = tmp_path / "filingbell.db"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match="is damaged"):
        await open_database(f"sqlite:///{file}", create=False)
    with pytest.raises(ConfigError, match="is damaged"):
        await open_database(f"sqlite:///{file}")

    assert content == file.read_bytes()


async def test_a_fault_of_ours_is_not_blamed_on_a_file_that_is_whole(whole: Path) -> None:
    """The look at every page finds nothing, and the error stays what it is."""
    database = await open_database(f"sqlite:///{whole}")
    await database.diagnose(ValueError("ours"))
    await database.close()
