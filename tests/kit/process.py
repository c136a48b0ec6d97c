"""The command as a process of its own, so that it can be killed."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

from service import telemetry
from service.egress import Egress
from tests.kit.forked import called

LOOPBACK = "127.0.0.0/8"  # where the receivers of tests are, whoever names them
HERE = Egress.parse(LOOPBACK)
COMMAND = str(Path(sys.executable).with_name("filingbell"))


async def printed(*arguments: str, home: Path, **settings: str) -> bytes:
    """What a command prints, on both of its outputs."""
    environment = os.environ | {f"FILINGBELL_{name.upper()}": value for name, value in settings.items()}
    environment |= {"FILINGBELL_HOME": str(home)}
    done = await asyncio.to_thread(called, *arguments, environment=environment)
    return (done.stdout + done.stderr).encode()


class Service:
    """`filingbell run` with its state in *home*, where its log goes to a file; *config* None: without a file."""

    def __init__(self, home: Path, config: Path | None, **settings: str) -> None:
        self._home = home
        self._options = [] if config is None else ["--config", str(config)]
        self._environment = os.environ | {f"FILINGBELL_{name.upper()}": value for name, value in settings.items()}
        self._environment |= {"FILINGBELL_HOME": str(home)}
        self._environment.setdefault("FILINGBELL_EGRESS_ALLOW", LOOPBACK)
        self._environment.setdefault("FILINGBELL_HTTP", "off")  # many run at once, and one could have the port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *arguments: str) -> None:
        """Start it, or start it again."""
        self._home.mkdir(parents=True, exist_ok=True)
        with (self._home / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                COMMAND,
                "run",
                *self._options,
                *arguments,
                env=self._environment,
                cwd=self._home,
                stdout=log,
                stderr=log,
            )

    async def command(self, *arguments: str) -> str:
        """What another process prints that runs `filingbell` with the same settings; it must end well."""
        done = await asyncio.to_thread(called, *arguments, environment=self._environment, folder=self._home)
        assert 0 == done.returncode, done.stderr
        return done.stdout + done.stderr

    async def kill(self) -> None:
        """Kill it with -9: nothing of it runs any more."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; returns its exit status."""
        return await self._end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """Send it *number*."""
        assert self._process is not None
        self._process.send_signal(number)

    def resident_mb(self) -> float:
        """Its resident memory now, in megabytes."""
        assert self._process is not None
        return telemetry.resident_mb(self._process.pid)

    def own_mb(self) -> float:
        """The same, of which what it shares with other processes is divided among them (PSS)."""
        assert self._process is not None
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        (kilobytes,) = re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        return int(kilobytes) * 1024 / 1e6

    def log(self) -> str:
        """What it has logged."""
        return (self._home / "log").read_text()

    async def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()
