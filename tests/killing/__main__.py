"""`python -m tests.killing`: kill the sender between every two steps, and say what came of it."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.killing.play import play


def main() -> int:
    """Print the figures; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(play(Path(folder), options.seeds, options.first))
    print(outcome.told())
    for one in outcome.wrong:
        print(one)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
