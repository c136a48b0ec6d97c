"""Indexes for what goes when it is old, and the counts of a day whose account is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("indexed", "seen", "recovered", "dead"):
        op.add_column("days", sa.Column(name, sa.Integer))
    op.create_index("ix_alerts_created", "alerts", ["created"])
    dead = sa.text("outcome = 'dead'")
    op.create_index("attempts_dead", "attempts", ["at"], sqlite_where=dead, postgresql_where=dead)
    op.drop_index("notices_standing", "notices")
    op.create_index("notices_by_end", "notices", ["cleared"])
