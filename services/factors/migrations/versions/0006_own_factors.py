"""Own factors, preferences of data sets, and the state of the catalogue"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('catalogue_state',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_state')),
    schema='factors'
    )
    op.execute("INSERT INTO factors.catalogue_state (id, version) VALUES (1, 0)")
    op.create_table('own_factor',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('supersedes', sa.Text(), nullable=True),
    sa.Column('quality_scores', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('proposed_by', sa.Text(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['id'], ['factors.factor.id'], name=op.f('fk_own_factor_id')),
    sa.ForeignKeyConstraint(['supersedes'], ['factors.factor.id'], name=op.f('fk_own_factor_supersedes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_own_factor')),
    schema='factors'
    )
    op.add_column('dataset', sa.Column('preferences', postgresql.JSONB(), nullable=False, server_default='[]'), schema='factors')
    op.alter_column('dataset', 'preferences', server_default=None, schema='factors')
