"""Stages of bindings"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now every binding was of its activity type's own stage, which is written as nothing.
    op.add_column('factor_binding', sa.Column('stage', sa.Text(), nullable=False, server_default=''), schema='inventory')
    op.alter_column('factor_binding', 'stage', server_default=None, schema='inventory')
    op.drop_constraint(op.f('uq_factor_binding_activity_type_region_year_unit_method_number'), 'factor_binding', schema='inventory', type_='unique')
    op.drop_index(op.f('uq_factor_binding_current'), table_name='factor_binding', schema='inventory', postgresql_where='is_current')
    op.create_index('uq_factor_binding_current', 'factor_binding', ['activity_type', 'region', 'year', 'unit', 'method', 'stage'], unique=True, schema='inventory', postgresql_where=sa.text('is_current'))
    op.create_unique_constraint(op.f('uq_factor_binding_activity_type_region_year_unit_method_stage_number'), 'factor_binding', ['activity_type', 'region', 'year', 'unit', 'method', 'stage', 'number'], schema='inventory')
