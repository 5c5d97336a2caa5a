"""Retention and republishing"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# When a state was recorded used to stand in its event only; the outbox, of which nothing has gone yet, still has it.
AS_IT_WAS_TOLD = """
UPDATE gateway.{table} SET recorded_at = told.recorded_at
FROM (SELECT key, max((value::jsonb ->> 'recorded_at')::timestamptz) AS recorded_at FROM gateway.outbox WHERE topic = '{topic}' GROUP BY key) AS told
WHERE told.key = {table}.id
"""


def upgrade() -> None:
    op.create_table('history_begin',
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('because', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('begun_at', name=op.f('pk_history_begin')),
    schema='gateway'
    )
    op.create_index('ix_idempotent_answer_answered_at', 'idempotent_answer', ['answered_at'], unique=False, schema='gateway')
    op.create_index('ix_inbox_received_at', 'inbox', ['received_at'], unique=False, schema='gateway')
    op.create_index('ix_job_finished', 'job', ['finished_at'], unique=False, schema='gateway', postgresql_where=sa.text('finished_at IS NOT NULL'))
    for table in ('client', 'organisation'):
        stamped = sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False)
        op.add_column(table, stamped, schema='gateway')
        op.execute(AS_IT_WAS_TOLD.format(table=table, topic=f'baseyear.gateway.{table}.v1'))
