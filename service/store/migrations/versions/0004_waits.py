"""Why a filing's document could not be had."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filings", sa.Column("waits", sa.Text))
