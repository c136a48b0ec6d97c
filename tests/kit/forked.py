"""The command as a process that need not load anything: it is forked from one that has everything loaded.

That takes a tenth of the time that an interpreter takes to start. What a test is about the process itself (its memory,
how it is killed, what it loads) starts one of its own: `tests.kit.process`.
"""

import multiprocessing
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import service.cli

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        *(f"service.cli.{module.name}" for module in pkgutil.iter_modules(service.cli.__path__)),
        "service.runtime.loading",
        "tests.kit.forked",
    ]
)
_LIMIT = 240.0  # seconds that it may take


def called(
    *arguments: str, environment: Mapping[str, str], folder: Path | None = None, given: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Call `filingbell` with *arguments* in *folder*, with *given* as its standard input, and wait for its end.

    Its environment is *environment* alone, and it is no terminal that it prints to.
    """
    with TemporaryDirectory() as place:
        standard = tuple(Path(place, name) for name in ("in", "out", "err"))
        standard[0].write_bytes(given)
        process = _CONTEXT.Process(
            target=_call, args=(arguments, dict(environment), folder or Path.cwd(), *map(str, standard))
        )
        process.start()
        process.join(_LIMIT)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, _LIMIT)
        _, out, err = (file.read_text() if file.exists() else "" for file in standard)
        return subprocess.CompletedProcess(arguments, process.exitcode, out, err)


def _call(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, *standard: str) -> None:
    """Be `filingbell`."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    for number, (name, flags) in enumerate(zip(standard, (os.O_RDONLY, _WRITING, _WRITING), strict=True)):
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, closefd=False)  # noqa: SIM115  # as long as the process
        for number, mode in enumerate(("r", "w", "w"))
    )
    sys.argv = ["filingbell", *arguments]
    from service.cli.app import main

    main()


_WRITING = os.O_WRONLY | os.O_CREAT | os.O_APPEND
