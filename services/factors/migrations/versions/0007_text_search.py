"""Text search"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The service fills these when it starts.
    op.create_table('search_word',
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('letters', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_search_word')),
    schema='factors'
    )
    op.create_table('search_entry',
    sa.Column('factor', sa.Text(), nullable=False),
    sa.Column('lexemes', postgresql.TSVECTOR(), nullable=False),
    sa.Column('name_words', sa.Integer(), nullable=False),
    sa.Column('rules', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['factor'], ['factors.factor.id'], name=op.f('fk_search_entry_factor'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('factor', name=op.f('pk_search_entry')),
    schema='factors'
    )
    op.create_index('ix_search_entry_lexemes', 'search_entry', ['lexemes'], unique=False, schema='factors', postgresql_using='gin')
