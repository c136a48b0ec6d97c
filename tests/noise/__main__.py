"""``python -m tests.noise --channels 10000``: random channels, half in each of two weeks; exit status 1 if wrong."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from service.store.database import open_database
from tests.noise.week import WEEKS, week


async def main(channels: int, seed: int) -> int:
    """Play both weeks; returns how much was wrong."""
    faults = 0
    for number, start in enumerate(WEEKS):
        with tempfile.TemporaryDirectory() as folder:
            database = await open_database(f"sqlite:///{Path(folder) / 'noise.db'}")
            try:
                found = await week(database, channels // len(WEEKS), start, seed + number, say=print)
            finally:
                await database.close()
        print(*found[:20], sep="\n")
        faults += len(found)
    print(f"{channels:,} channels: {faults or 'nothing'} wrong")
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(bool(asyncio.run(main(given.channels, given.seed))))
