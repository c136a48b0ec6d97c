"""What very many rules cost: time a filing, bytes a rule, and how long it takes to build them.

``python -m bench.rules 1000 10000 100000 1000000``; `chart.py` draws what it prints. A filing's time is what it takes
to find the conditions that it meets. The rules that ask for them, each of which gets an alert, are counted: what they
cost is their alerts' cost (`bench.fan_out`).
"""

import gc
import sys
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from threading import Thread
from types import FunctionType, ModuleType
from typing import TypeVar

from msgspec.structs import replace

from bench.ruleset import realistic, subjects
from consumers.matcher.index.ruleset import RuleSet
from consumers.matcher.subject import Subject
from service.model.identity import RuleId
from service.model.rule import Rule

COUNTS = (1_000, 10_000, 100_000)
FILINGS = 400
_CHANGES = 100
_STEP = 0.0005  # seconds

HEADS = (
    *("rules", "conditions", "p50 us", "p99 us", "most us", "bytes", "build s", "change ms", "held ms"),
    *("conditions", "most", "rules met", "most"),
)

N = TypeVar("N", int, float)
T = TypeVar("T")


def main(counts: Sequence[int]) -> None:
    """Print a line for each of *counts*."""
    filings = subjects(FILINGS)
    print(f"{FILINGS} filings: CPU time of each without its alerts; bytes a rule; CPU time to build all rules;")
    print("a change of one rule, the longest of 100, and how long another thread was held up; what a filing meets")
    print("".join(f"{head:>11}" for head in HEADS))
    for count in counts:
        print("".join(f"{one:>11}" for one in measured(count, filings)), flush=True)


def measured(count: int, filings: Sequence[Subject]) -> list[str]:
    """What *count* rules cost, as it is told."""
    clock = Clock()
    ruleset = RuleSet(clock.apart(realistic(count)))
    built = clock.seconds()
    took = [1e6 * _quickest(ruleset, subject) for subject in filings]
    size = _size(ruleset) / count
    change, held = _changed(ruleset, next(realistic(1, seed=9)))
    found = [ruleset.found(subject) for subject in filings]
    (one,) = ruleset.levels
    met = [sum(map(len, pieces)) for pieces in found]
    rules = [sum(len(one.level.rules_of(number)) for piece in pieces for number in piece) for pieces in found]
    times = [f"{_share(took, share):.0f}" for share in (50, 99, 100)]
    costs = [f"{size:.0f}", f"{built:.2f}", f"{1e3 * change:.1f}", f"{1e3 * held:.1f}"]
    counts = [f"{_share(many, share):,}" for many in (met, rules) for share in (50, 100)]
    return [f"{count:,}", f"{ruleset.conditions:,}", *times, *costs, *counts]


def _share(many: Sequence[N], share: int) -> N:
    """What *share* % of *many* do not exceed."""
    return sorted(many)[min(len(many) * share // 100, len(many) - 1)]


def _quickest(ruleset: RuleSet, subject: Subject) -> float:
    """CPU time, of three: what else the machine does is not the rules' fault."""
    took = []
    for _ in range(3):
        started = time.thread_time()
        ruleset.found(subject)
        took.append(time.thread_time() - started)
    return min(took)


def _changed(ruleset: RuleSet, rule: Rule) -> tuple[float, float]:
    """Seconds that the longest of some changes took; and for how long another thread was held up at most."""
    took, late = list[float](), 0.0

    def change() -> None:
        current = ruleset
        for number in range(_CHANGES):
            started = time.perf_counter()
            current = current.changed([], [replace(rule, id=RuleId(f"rule_{number}"))])
            took.append(time.perf_counter() - started)

    thread = Thread(target=change)
    thread.start()
    while thread.is_alive():
        asked = time.perf_counter()
        time.sleep(_STEP)
        late = max(late, time.perf_counter() - asked - _STEP)
    return max(took), late


def _size(root: object) -> int:
    """The bytes of all that *root* holds, but for code."""
    seen, waiting, size = set[int](), [root], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        if not isinstance(one, array | bytearray | str | int):
            waiting += gc.get_referents(one)
    return size


class Clock:
    """CPU time, without what it takes to make what is measured."""

    def __init__(self) -> None:
        self._started = time.thread_time()

    def apart(self, made: Iterable[T]) -> Iterator[T]:
        """*made*, without the time that it takes to make."""
        iterator = iter(made)
        while True:
            began = time.thread_time()
            try:
                one = next(iterator)
            except StopIteration:
                return
            finally:
                self._started += time.thread_time() - began
            yield one

    def seconds(self) -> float:
        """What has passed."""
        return time.thread_time() - self._started


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or COUNTS)
