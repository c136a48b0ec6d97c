"""Which schema a database has, and the migrations that bring it up to this version's, inside one transaction."""

import re
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from service.model.errors import ConfigError
from service.store.outage import RESTORE
from service.store.schema import metadata, processes

_SCRIPTS = Path(__file__).parent / "migrations"
_OURS = re.compile(r"\d{4}", re.ASCII)  # a revision's form


def revisions() -> list[str]:
    """Every revision that this program knows, oldest first; a migration's file is named for its own."""
    return sorted(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of *connection*'s database, which this version knows; None: it has none of our tables yet.

    Raises ConfigError if the database is newer than this program, or another program's.
    """
    if not inspect(connection).has_table("alembic_version"):
        _refuse_tables(connection)
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is None or not _OURS.fullmatch(found):
        raise _foreign(connection, f"its revision is {found!r}")
    if found not in revisions():
        raise ConfigError(
            f"{_name(connection)} was written by a newer filingbell: it has revision {found}{_last_run(connection)}, "
            f"and this is filingbell {version('filingbell')}, which knows up to {revisions()[-1]}. Nothing was "
            f"changed. Upgrade filingbell, or go back to a backup of before the database's upgrade: {RESTORE}"
        )
    return found


def is_current(revision: str | None) -> bool:
    """Whether a database of *revision* has this version's schema."""
    return revision == revisions()[-1]


def unmigrated(connection: Connection, revision: str | None) -> ConfigError:
    """What to say of *connection*'s database, of *revision*, to whoever must not migrate it."""
    if revision is None:
        return ConfigError(
            f"{_name(connection)} has no tables yet, or none that this user may see. Nothing was changed. "
            "`filingbell run` makes them at its start, and so does `filingbell migrate`"
        )
    return ConfigError(
        f"{_name(connection)} was written by an older filingbell: it has revision {revision}{_last_run(connection)}, "
        f"and this is filingbell {version('filingbell')}, which needs {revisions()[-1]}. Nothing was changed. Stop "
        "what still runs of the older version and back up the database; then `filingbell migrate` upgrades it, and so "
        "does the next start of `filingbell run`"
    )


def migrate(connection: Connection) -> str | None:
    """Run the migrations that *connection*'s database lacks; returns the revision it had. Raises as revision_of."""
    present = revision_of(connection)
    if not is_current(present):
        _upgrade(connection)
    return present


def _refuse_tables(connection: Connection) -> None:
    """Raises ConfigError where the tables of a database without a revision are in our way.

    A file of SQLite is ours alone. A schema of PostgreSQL may be shared, but no name in it.
    """
    found = set(inspect(connection).get_table_names())
    if connection.dialect.name != "sqlite":
        found &= metadata.tables.keys()
    if found:
        raise _foreign(connection, f"it has no revision, but a table {min(found)!r}")


def _foreign(connection: Connection, why: str) -> ConfigError:
    return ConfigError(
        f"{_name(connection)} is not filingbell's, or only a part of one: {why}. Nothing was changed. Set "
        f"FILINGBELL_DATABASE or FILINGBELL_HOME to another place, or restore the database: {RESTORE}"
    )


def _name(connection: Connection) -> str:
    return f"the database {connection.engine.url.database or ''}".rstrip()


def _last_run(connection: Connection) -> str:
    """Which version wrote to the database last, in words; empty: nobody can tell."""
    try:
        row = connection.execute(
            select(processes.c.version, processes.c.host).order_by(processes.c.started.desc()).limit(1)
        ).first()
    except DBAPIError:  # a schema that is not ours to know
        return ""
    return f" (last started: filingbell {row.version} on {row.host})" if row else ""


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
