"""What it takes to bring a quarterly set of the SEC, beside reading its cells alone.

python -m bench.history [FILINGS]
"""

import asyncio
import csv
import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service.cli.app import YOUNG
from service.clock import now
from service.history.importing import Importer
from service.history.sets import TABLES, Set
from service.store.database import open_database
from tests.kit.quarters import a_quarter

FILINGS = 36_000  # of a quarter
GOAL, ROOM = 15_000, 150  # filings a second of CPU time; MB


@contextmanager
def _timed(what: str, filings: int) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{what:24} {filings / cpu:>9,.0f} filings/s of CPU time, {filings / wall:>9,.0f} of the clock")


async def _measure(path: Path, file: Path, filings: int) -> None:
    source = Set(path)
    with _timed("floor: reading the cells", filings):
        for name in TABLES:
            with source.table(name) as table:
                for _ in csv.reader(table.lines, delimiter="\t"):
                    pass
    database = await open_database(f"sqlite:///{file}")
    with _timed("bringing them", filings):
        outcome = await Importer(database, now, lambda _: None).bring(source)
    with _timed("once more", filings):
        await Importer(database, now, lambda _: None).bring(source)
    await database.close()
    print(f"{outcome.filings:,} filings, {outcome.rows:,} rows")


def main() -> None:
    """Make a set in another process, whose memory does not count, and bring it."""
    filings = int(sys.argv[1]) if len(sys.argv) > 1 else FILINGS
    with TemporaryDirectory() as made:
        path = Path(made) / "2024q3_form345.zip"
        if (child := os.fork()) == 0:
            a_quarter(filings).zipped(path)
            os._exit(0)
        os.waitpid(child, 0)
        gc.set_threshold(YOUNG)  # as the command does
        print(f"a set of {filings:,} filings; goal: {GOAL:,} a second of CPU time, {ROOM} MB")
        file = Path(made) / "filingbell.db"
        asyncio.run(_measure(path, file, filings))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{file.stat().st_size / filings:,.0f} bytes a filing; at most {most:.0f} MB")


if __name__ == "__main__":
    main()
