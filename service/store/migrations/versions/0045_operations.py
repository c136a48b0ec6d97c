"""Who chose the channels for operations: until now a file alone could."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_OWNERS = """
UPDATE workspaces SET operations_file = (
    SELECT max(file) FROM resources WHERE resources.workspace = workspaces.id AND kind = 'channel' AND removed IS NULL
) WHERE CAST(operations AS TEXT) <> '[]'
"""


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("operations_file", sa.Text))
    op.execute(_OWNERS)
