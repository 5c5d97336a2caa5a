"""Stages of activity types, prices and uncertainty of factors"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # All activity types so far are of scopes 1 and 2, which take direct emissions.
    op.add_column('activity_type', sa.Column('stage', sa.Text(), nullable=False, server_default='direct'), schema='factors')
    op.alter_column('activity_type', 'stage', server_default=None, schema='factors')
    op.add_column('factor', sa.Column('price_year', sa.Integer(), nullable=True), schema='factors')
    op.add_column('factor', sa.Column('price_basis', sa.Text(), nullable=True), schema='factors')
    op.add_column('factor', sa.Column('uncertainty_percent', sa.Text(), nullable=True), schema='factors')
