"""How many cores this process may use."""

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of a container: microseconds of each period, and the period


def cores(quota: Path = _QUOTA) -> float:
    """As many as it may run on, and no more than a container's limit allows: 1.5 are one and a half."""
    try:
        mine = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        mine = os.cpu_count() or 1
    return min(mine, _limit(quota))


def _limit(quota: Path) -> float:
    try:
        allowed, period = quota.read_text().split()
        return int(allowed) / int(period)
    except (OSError, ValueError):  # no container of this kind; or "max", which is no limit
        return float("inf")
