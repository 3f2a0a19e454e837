"""Delivery: what limits were used."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('limit_use',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('starts_at', types.Instant(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'starts_at', name=op.f('pk_limit_use'))
    )
