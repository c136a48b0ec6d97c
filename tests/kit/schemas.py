"""Databases with the schema of an earlier version."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url

from service.store import migrate, postgres

T = TypeVar("T")


def upgrade(connection: Connection, revision: str) -> None:
    """Bring an empty database to *revision*, as the program of that time did."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)

    def steps(present: object, _context: object) -> object:
        return scripts._upgrade_revs(revision, present)  # type: ignore[arg-type]  # as migrate() does

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


async def with_connection(url: str, work: Callable[[Connection], T]) -> T:
    """What *work* returns, on the database at *url*, which is made if it is a file."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        made = create_engine(url)
        with made.begin() as connection:
            result = work(connection)
        made.dispose()
        return result
    engine = postgres.engine(url, pool=1)
    async with engine.begin() as shared:
        result = await shared.run_sync(work)
    await engine.dispose()
    return result
