"""``migrate``: bring the database up to this version's schema, which the start of ``run`` does as well."""

import asyncio

from service import settings as environment
from service import telemetry
from service.locks import only_one
from service.settings import ROLES
from service.store.database import migrated


def migrate() -> None:
    """Make the tables, or upgrade them, and say what was done. With SQLite, no service may run meanwhile."""
    settings = environment.load()
    telemetry.configure_logs("critical")  # what was done is printed
    with only_one(settings, ROLES):
        before, after = asyncio.run(migrated(settings.database_url))
    if before == after:
        print(f"the database has revision {after}, which is that of this version: nothing to do")
    elif before is None:
        print(f"the tables were made: revision {after}")
    else:
        print(f"the database was upgraded from revision {before} to {after}")
