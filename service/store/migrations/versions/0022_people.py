"""People, sessions and tokens: who may ask over HTTP."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id
from service.store.schema import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False, unique=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("disabled", Instant),
    )
    op.create_table(
        "memberships",
        sa.Column("person", Id, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id"), primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("person", Id, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("seen", Instant, nullable=False),
        sa.Column("expires", Instant, nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person"])
    op.create_index("sessions_by_expiry", "sessions", ["expires"])
    op.create_table(
        "links",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id")),
        sa.Column("role", sa.Text),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("expires", Instant, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Id, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("expires", Instant),
        sa.Column("used", Instant),
        sa.Column("revoked", Instant),
        sa.Column("revoked_by", sa.Text),
    )
    there = sa.text("revoked IS NULL")
    op.create_index(
        "tokens_by_name", "tokens", ["workspace", "name"], unique=True, sqlite_where=there, postgresql_where=there
    )
    op.create_table(
        "repeats",
        sa.Column("asker", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("made", Id, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("repeats_by_time", "repeats", ["at"])
