"""`python -m tests.killing`: kill the sender between every two steps, on each database, and say what came of it."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.killing.play import play
from tests.servers.postgres import Postgres
from tests.servers.server import CannotStart


def main() -> int:
    """Print the figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.killing")
    parser.add_argument("--seeds", type=int, default=200, help="on each database; a kind of channel each in turn")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--only", default="", choices=["", "sqlite", "postgresql"])
    chosen = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="filingbell-killing-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        if chosen.only != "postgresql":
            good &= _played("SQLite", f"sqlite:///{folder}/killing.db", chosen.seeds, chosen.first)
        if chosen.only != "sqlite":
            server = Postgres(Path(folder) / "server")
            server.start()
            try:
                good &= _played(server.version, server.url, chosen.seeds, chosen.first)
            finally:
                server.kill()
    return 0 if good else 1


def _played(name: str, url: str, seeds: int, first: int) -> bool:
    outcome = asyncio.run(play(url, seeds, first))
    print(f"{name}: {outcome.told()}", flush=True)
    for one in outcome.wrong:
        print(f"  {one}", flush=True)
    return not outcome.wrong


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotStart as error:
        sys.exit(str(error))
