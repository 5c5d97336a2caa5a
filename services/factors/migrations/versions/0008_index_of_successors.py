"""Index of successors"""

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_factor_superseded_by', 'factor', ['superseded_by'], unique=False, schema='factors')
