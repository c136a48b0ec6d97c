"""Several workers of each role, as processes, and what is done to them."""

import asyncio
import os
import random
import signal
from pathlib import Path

from tests.kit.process import COMMAND

ROLES = ("poller", "parser", "matcher", "dispatcher", "relay")


class Worker:
    """One `filingbell run ROLE`, whose log goes to a file."""

    def __init__(self, role: str, number: int, folder: Path, settings: dict[str, str]) -> None:
        self.role = role
        self.name = f"{role}-{number}"
        self._folder = folder
        self._environment = os.environ | settings | {"FILINGBELL_HOME": str(folder / self.name)}
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    @property
    def log(self) -> Path:
        """The file."""
        return self._folder / f"{self.name}.log"

    async def start(self) -> None:
        """Start it, or start it again; with the folder's ``filingbell.yaml``, if there is one."""
        async with self._starting:
            await self._start()

    async def again(self, number: signal.Signals) -> None:
        """End it with *number*, and start it again: nobody else starts it in between, and leaves two of it."""
        async with self._starting:
            await self.end(number)
            await self._start()

    async def _start(self) -> None:
        file = self._folder / "filingbell.yaml"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                COMMAND,
                "run",
                self.role,
                *(("--config", str(file)) if file.exists() else ()),
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def end(self, number: signal.Signals) -> int:
        """End it with *number*; returns its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()

    async def kill(self) -> None:
        """Nothing of it runs any more."""
        await self.end(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send it *number*."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)

    @property
    def died(self) -> int | None:
        """The status it ended with by itself; None: it runs, or is being started again."""
        return None if self._process is None or self._starting.locked() else self._process.returncode


class Fleet:
    """*each* workers of every role."""

    def __init__(self, folder: Path, config: str, settings: dict[str, str], each: int, chance: random.Random) -> None:
        folder.mkdir(parents=True)
        (folder / "filingbell.yaml").write_text(config)
        self._workers = [Worker(role, number, folder, settings) for role in ROLES for number in range(each)]
        self._chance = chance
        self._stopped: set[str] = set()
        self.fell = 0  # how often a worker ended by itself

    async def start(self, *roles: str) -> None:
        """Start every worker of *roles*."""
        for worker in self._workers:
            if worker.role in roles:
                await worker.start()

    def _any(self) -> Worker:
        return self._chance.choice([worker for worker in self._workers if worker.name not in self._stopped])

    async def kill(self) -> str:
        """SIGKILL one, and start it again."""
        worker = self._any()
        await worker.again(signal.SIGKILL)
        return worker.name

    async def terminate(self) -> str:
        """SIGTERM one, and start it again."""
        worker = self._any()
        await worker.again(signal.SIGTERM)
        return worker.name

    async def freeze(self, seconds: float) -> str:
        """SIGSTOP one for *seconds*: longer than its session, its lease and its transaction may last."""
        worker = self._any()
        self._stopped.add(worker.name)
        worker.send(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        worker.send(signal.SIGCONT)
        self._stopped.discard(worker.name)
        return worker.name

    async def roll(self) -> str:
        """SIGTERM every worker of a role, one after the other."""
        role = self._any().role
        for worker in self._workers:
            if worker.role == role and worker.name not in self._stopped:
                await worker.again(signal.SIGTERM)
        return role

    async def raise_the_fallen(self) -> None:
        """Start what ended by itself, as an orchestrator does."""
        for worker in self._workers:
            if worker.died is not None:
                self.fell += 1
                await worker.start()

    async def stop(self) -> list[int]:
        """SIGTERM all at once; returns how they ended."""
        return list(await asyncio.gather(*(worker.end(signal.SIGTERM) for worker in self._workers)))

    async def kill_all(self) -> None:
        """Nothing of them runs any more."""
        await asyncio.gather(*(worker.end(signal.SIGKILL) for worker in self._workers if worker.died is None))
