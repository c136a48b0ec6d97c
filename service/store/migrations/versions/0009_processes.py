"""The processes of the service, and when each was last heard of."""

import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started", Instant, nullable=False),
        sa.Column("beat", Instant, nullable=False),
        sa.Column("ended", Instant),
        sa.Column("why", sa.Text),
        sa.Column("config", sa.Text),
        sa.Column("config_digest", sa.Text),
        sa.Column("config_loaded", Instant),
        sa.Column("config_fault", sa.Text),
    )
