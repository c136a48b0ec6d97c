"""A file is applied whole or not at all, shown by killing `filingbell apply` at random moments."""

import asyncio
import os
import random
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from service.store import Database
from service.store.database import open_database
from service.store.schema import changes, resources, revisions
from tests.kit.process import COMMAND

KILLS = int(os.environ.get("FILINGBELL_TEST_APPLY_KILLS", "4"))
SEED = int(os.environ.get("FILINGBELL_TEST_SEED", "20131218"))
COUNT = 150  # rules

State = dict[tuple[str, str], dict[str, Any]]


def a_file(version: int) -> State:
    """What the file of *version* asks for: between two versions something of each kind comes, goes and changes."""
    channels = {f"desk-{number}": {"type": "slack", "url": f"http://127.0.0.1:9/{number}"} for number in range(20)}
    channels[f"only-{version}"] = {"type": "slack", "url": "http://127.0.0.1:9/only"}
    lists = {f"list-{number}": {"tickers": [f"AA{'XY'[version]}"]} for number in range(20)}
    rules: dict[str, dict[str, Any]] = {
        f"rule-{number}": {
            "kinds": ["purchase", "sale"][version],
            "watchlist": [f"list-{number % 20}"],
            "channels": [f"desk-{number % 20}", f"only-{version}"],
        }
        for number in range(version, COUNT + version)
    }
    return {
        (kind, name): section
        for kind, sections in (("channel", channels), ("watchlist", lists), ("rule", rules))
        for name, section in sections.items()
    }


def written(state: State) -> bytes:
    """*state* as a file (JSON is YAML)."""
    sections: dict[str, dict[str, Any]] = {"channels": {}, "watchlists": {}, "rules": {}}
    for (kind, name), section in state.items():
        sections[f"{kind}s"][name] = section
    return orjson.dumps(sections)


async def found(database: Database) -> State:
    """What stands, read from the tables alone, names for ids; the audit log must tell the same, and so the counter."""
    async with database.reading() as connection:
        rows = (await connection.execute(select(resources).where(resources.c.removed.is_(None)))).all()
        latest = select(func.max(changes.c.revision).label("revision")).group_by(changes.c.resource).subquery()
        told = (await connection.execute(select(changes).join(latest, changes.c.revision == latest.c.revision))).all()
        last = await connection.scalar(select(func.max(changes.c.revision)))
        current = await connection.scalar(select(revisions.c.current))
    assert {(row.id, row.revision) for row in rows} == {(row.resource, row.revision) for row in told if row.after}
    assert last == current
    names = {row.id: row.name for row in rows}
    state = {}
    for row in rows:
        section = dict(row.section)
        for key in ("watchlist", "channels"):
            if key in section:
                section[key] = [names[one] for one in section[key]]
        state[row.kind, row.name] = section
    return state


def same(first: State, second: State) -> bool:
    """Whether two states are equal, but for channels' addresses, which are sealed in one."""
    return _without_addresses(first) == _without_addresses(second)


def _without_addresses(state: State) -> State:
    return {of: {key: value for key, value in section.items() if key != "url"} for of, section in state.items()}


async def apply(file: Path, environment: dict[str, str], kill_after: float | None) -> tuple[int, float]:
    """Apply *file*, killed so many seconds after it has shown the difference; returns exit status and seconds."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, "apply", str(file), "--yes", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    started = time.monotonic()
    rest = asyncio.create_task(process.stdout.read())
    if kill_after is not None:
        await asyncio.sleep(kill_after)
        if process.returncode is None:
            process.kill()
    status = await process.wait()
    await rest
    return status, time.monotonic() - started


@pytest.mark.long
async def test_apply_killed_at_random_moments_is_done_whole_or_not_at_all(
    database_url: str, tmp_path: Path, figures: list[str]
) -> None:
    """Tables, audit log and counter agree, the state is that of one of the two files, and the next apply works."""
    chance = random.Random(SEED)
    database = await open_database(database_url)
    environment = os.environ | {
        "FILINGBELL_HOME": str(tmp_path / "home"),
        "FILINGBELL_DATABASE": database_url,
        "PYTHONUNBUFFERED": "1",
    }
    versions = [a_file(0), a_file(1)]
    file = tmp_path / "filingbell.yaml"
    took = []
    for version in versions:
        file.write_bytes(written(version))
        status, seconds = await apply(file, environment, None)
        assert (0, True) == (status, same(version, await found(database)))
        took.append(seconds)
    now, whole, killed = 1, 0, 0
    for _ in range(KILLS):
        file.write_bytes(written(versions[1 - now]))
        status, _ = await apply(file, environment, chance.uniform(0, max(took)))
        state = await found(database)
        stands = next(index for index in (0, 1) if same(versions[index], state))
        assert status != 0 or stands == 1 - now
        killed += status != 0
        whole += stands != now
        now = stands
    file.write_bytes(written(versions[1 - now]))
    assert 0 == (await apply(file, environment, None))[0]
    assert same(versions[1 - now], await found(database))
    await database.close()
    backend = database_url.partition(":")[0]
    figures.append(
        f"apply killed -9, {backend}, seed {SEED}: {KILLS} moments in {max(took):.2f} s of work, {killed} of them "
        f"before it had ended: {whole} whole, {KILLS - whole} not at all, 0 in between"
    )
