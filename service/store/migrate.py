"""Bring a database up to this version's schema, at start and inside one transaction."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from service.model.errors import ConfigError
from service.store.schema import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Every revision that this program knows, oldest first; a migration's file is named for its own."""
    return sorted(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of *connection*'s database; None: it has none of our tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_current(connection: Connection) -> bool:
    """Whether *connection*'s database has this version's schema."""
    return revision_of(connection) == revisions()[-1]


def migrate(connection: Connection) -> None:
    """Run the migrations that *connection*'s database lacks; raises ConfigError if it is newer than this program."""
    present, known = revision_of(connection), revisions()
    if present is not None and present not in known:
        raise ConfigError(
            f"the database was written by a newer filingbell (revision {present}): "
            "upgrade filingbell, or point FILINGBELL_HOME to another folder"
        )
    if present != known[-1]:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic.config import Config  # 8 MB, which a database that is up to date does without
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    scripts = ScriptDirectory.from_config(config)

    def upgrade(revision: object, _context: object) -> object:
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001  # as alembic's own command does

    with EnvironmentContext(config, scripts, fn=upgrade) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()
