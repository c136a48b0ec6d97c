"""How far back the past was whole when a filing was matched: what is learnt of it later changes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matchings", sa.Column("complete", sa.Integer))
