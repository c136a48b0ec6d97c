"""``python -m tests.day.worker CLOCK``: the service's poller, as `filingbell run poller` runs it, on another clock."""

import asyncio
import sys

import msgspec

from service import settings as environment
from service import telemetry
from service.locks import only_one
from service.runtime.lifecycle import until_stopped
from tests.day.clock import FastClock

if __name__ == "__main__":
    settings = environment.load()
    telemetry.configure_logs(settings.log_level)
    fast = msgspec.json.decode(sys.argv[1], type=FastClock)
    with only_one(settings, ("poller",)):
        asyncio.run(until_stopped(settings, None, ("poller",), None, fast))
