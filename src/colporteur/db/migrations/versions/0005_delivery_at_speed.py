"""Delivery: how far each batch is, domain groups that rest, what limits were used."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_COUNTED = ('sent', 'deferred', 'failed', 'skipped')


def upgrade() -> None:
    op.create_table('backoffs',
    sa.Column('domain_group', sa.String(length=255), nullable=False),
    sa.Column('until', types.Instant(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('domain_group', name=op.f('pk_backoffs'))
    )
    op.create_table('limit_use',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('starts_at', types.Instant(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'starts_at', name=op.f('pk_limit_use'))
    )
    with op.batch_alter_table('batches', schema=None) as batch_op:
        for name in ('size', *_COUNTED):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default='0', nullable=False))
        batch_op.alter_column(
            'domain_group', existing_type=sa.String(80), type_=sa.String(255), existing_nullable=False
        )
    _count()


def _count() -> None:
    """How far the batches are that were made before."""
    batches = sa.table('batches', sa.column('id'), *(sa.column(name) for name in ('size', *_COUNTED)))
    deliveries = sa.table('deliveries', sa.column('batch_id'), sa.column('status'))
    mine = sa.select(sa.func.count()).where(deliveries.c.batch_id == batches.c.id)
    counts = {name: mine.where(deliveries.c.status == name).scalar_subquery() for name in _COUNTED}
    op.get_bind().execute(sa.update(batches).values(size=mine.scalar_subquery(), **counts))
