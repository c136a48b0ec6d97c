"""Bring a database up to this version's schema, at start and inside one transaction."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.model.errors import ConfigError
from service.store.schema import metadata


def migrate(connection: Connection) -> None:
    """Run the migrations that *connection*'s database lacks; raises ConfigError if it is newer than this program."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)

    def upgrade(revision: object, _context: object) -> object:
        known = {script.revision for script in scripts.walk_revisions()}
        present = set(revision if isinstance(revision, tuple) else (revision,) if revision else ())
        if not present <= known:
            raise ConfigError(
                f"the database was written by a newer filingbell (revision {', '.join(map(str, present - known))}): "
                "upgrade filingbell, or point FILINGBELL_HOME to another folder"
            )
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001  # as alembic's own command does

    with EnvironmentContext(config, scripts, fn=upgrade) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()
