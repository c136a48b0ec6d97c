"""Commands as a reader of the docs types them, in an empty folder."""

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 300.0  # seconds to install a client and read the first alerts
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # Debian's mvn switches it off even where nobody switched it on
_OURS = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "NODE_PATH", "CLASSPATH")  # of the tests' own environment


def lines(commands: str, folder: Path) -> Iterator[str]:
    """What *commands* print, line by line; what still runs when the reader has seen enough is ended.

    Fails where one of them does, with the end of what they said.
    """
    said = folder / "said"
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    with said.open("w") as errors:
        process = subprocess.Popen(
            ["sh", "-e", "-c", commands],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        yield from _until(process, time.monotonic() + _PATIENCE)
        assert process.wait() == 0, f"{commands}\n{said.read_text()[-3000:]}"
    except queue.Empty:
        raise AssertionError(f"no answer in time:\n{commands}\n{said.read_text()[-3000:]}") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _until(process: "subprocess.Popen[str]", deadline: float) -> Iterator[str]:
    """Lines of *process* until it ends; raises queue.Empty at *deadline*."""
    assert process.stdout is not None
    arrived: queue.Queue[str | None] = queue.Queue()
    output = process.stdout

    def read() -> None:
        for line in output:
            arrived.put(_COLOUR.sub("", line.rstrip("\n")))
        arrived.put(None)

    threading.Thread(target=read, daemon=True).start()
    while (line := arrived.get(timeout=max(0.0, deadline - time.monotonic()))) is not None:
        yield line
