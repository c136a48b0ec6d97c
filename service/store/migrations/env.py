"""Alembic reads this only for ``make migration`` (a new revision); the service migrates through migrate.py."""

from alembic import context

context.run_migrations()
