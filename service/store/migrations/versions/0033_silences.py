"""Silences, and which of them a delivery was not told for."""

import sqlalchemy as sa
from alembic import op

from service.store.ids import Id
from service.store.schema import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("id", Id, primary_key=True),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("matcher", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("ends", Instant, nullable=False),
        sa.Column("ended_by", sa.Text),
    )
    op.create_index("silences_by_end", "silences", ["workspace", "ends"])
    op.add_column("deliveries", sa.Column("silence", Id))
    silenced = sa.text("silence IS NOT NULL")
    op.create_index("deliveries_silenced", "deliveries", ["silence"], sqlite_where=silenced, postgresql_where=silenced)
