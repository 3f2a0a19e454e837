"""Running it: what operators are told, and what keeps an installation well."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None
runs_from = '0007'  # the tables of the oldest release that runs on these: docs/upgrading.md


def upgrade() -> None:
    _vitals()


def _vitals() -> None:
    op.create_table('processes',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('release', sa.String(length=40), nullable=False),
    sa.Column('started_at', types.Instant(), nullable=False),
    sa.Column('seen_at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_processes'))
    )
    op.create_table('metric_totals',
    sa.Column('sample', sa.String(length=120), nullable=False),
    sa.Column('labels', sa.String(length=500), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('sample', 'labels', name=op.f('pk_metric_totals'))
    )
    op.create_table('delivery_outcomes',
    sa.Column('starts_at', types.Instant(), nullable=False),
    sa.Column('domain_group', sa.String(length=255), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('starts_at', 'domain_group', 'outcome', name=op.f('pk_delivery_outcomes'))
    )
    op.create_index('ix_feedback_at', 'feedback', ['at'])
