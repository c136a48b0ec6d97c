"""How often a rule has rung is counted from an index."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    alerts = sa.text("rule_id IS NOT NULL")
    op.create_index(
        "messages_by_rule", "messages", ["rule_id", "created"], sqlite_where=alerts, postgresql_where=alerts
    )
