"""The process that reads filings beside the service: ``python -m service.runtime.reader LIMITS``.

It knows neither settings nor database: what is to be read comes in on standard input, and goes out on standard output.
It ends when its input does, so it outlives nobody.
"""

import gc
import os
import signal
import sys

import msgspec

from consumers.parser.limits import Limits
from consumers.parser.reading import outcome
from service.clock import now
from service.runtime.frames import HEAD, asked, framed, size

_YOUNG = 20_000  # objects that are made between looks for garbage, as in the service itself


def main() -> None:
    """Read until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: it is for the service, which ends this process
    gc.set_threshold(_YOUNG)
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # whatever a library prints
    try:
        sink.write(framed([]))  # ready
        sink.flush()
        while len(head := source.read(HEAD)) == HEAD and len(body := source.read(size(head))) == size(head):
            sink.write(framed([outcome(value, limits, now) for value in asked(body)]))
            sink.flush()
    except ConnectionError:  # nobody waits for it
        os._exit(0)


if __name__ == "__main__":
    main()
