"""How long a filing took from station to station is read where it was matched, without its body."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matchings", sa.Column("times", sa.JSON(none_as_null=True)))
    kept = sa.text("times IS NOT NULL")
    op.create_index("matchings_by_time", "matchings", ["at"], sqlite_where=kept, postgresql_where=kept)
