"""What several events have in common is stored once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "shared",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    for table in ("events", "messages"):
        op.add_column(table, sa.Column("shared", sa.BigInteger))
        kept = sa.text("shared IS NOT NULL")
        op.create_index(f"{table}_by_shared", table, ["shared"], sqlite_where=kept, postgresql_where=kept)
