"""The tables that every service has, and two for tests to write to"""

from alembic import op
from sqlalchemy import BigInteger, Column, Identity, Table, Text

from kernel.tables import service_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata = service_tables(op.get_context().version_table_schema).metadata
    Table(
        "note",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text),
        Column("key", Text),
        Column("said", Text),
    )
    Table("counter", metadata, Column("name", Text, primary_key=True), Column("value", BigInteger, nullable=False))
    metadata.create_all(op.get_bind())
