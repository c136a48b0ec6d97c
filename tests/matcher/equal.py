"""The index against a scan of all rules: ``python -m tests.matcher.equal 1000000`` compares as many sets and filings.

`make equal` runs it; `make test` compares a few.
"""

import random
import sys
import time
from itertools import islice

from tests.matcher.pairs import a_chance_subject, differences

PAIRS = 1_000_000
_FILINGS = 500  # that each rule set is held against
_RULES = 16  # of which some could never be met, and are refused
_POOL = 5_000  # filings in all
_TOLD = 20_000  # pairs between two lines


def main(pairs: int, seed: int) -> int:
    """Compare *pairs*; returns 1 if any of them differs."""
    chance = random.Random(seed)
    pool = [a_chance_subject(chance) for _ in range(_POOL)]
    started, different = time.monotonic(), 0
    for number in range(0, pairs, _FILINGS):
        rules = seed + number
        for rule, subject in islice(differences(rules, chance.sample(pool, _FILINGS), _RULES), 3):
            different += 1
            print(f"rule set {rules}, {rule}: {subject}", flush=True)
        if (number + _FILINGS) % _TOLD == 0:
            print(f"{number + _FILINGS:,} pairs, {time.monotonic() - started:.0f} s, {different} differ", flush=True)
    return min(different, 1)


if __name__ == "__main__":
    arguments = [int(one) for one in sys.argv[1:]]
    sys.exit(main(*(arguments + [PAIRS, 1][len(arguments) :])))
