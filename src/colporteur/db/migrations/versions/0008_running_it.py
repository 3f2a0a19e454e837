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
    _alerts()


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


def _alerts() -> None:
    op.create_table('alerts',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('severity', sa.String(length=10), nullable=False),
    sa.Column('problem', types.Json, nullable=False),
    sa.Column('began_at', types.Instant(), nullable=False),
    sa.Column('seen_at', types.Instant(), nullable=False),
    sa.Column('told', sa.String(length=10), nullable=True),
    sa.Column('told_at', types.Instant(), nullable=True),
    sa.Column('ended_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts'))
    )
    op.create_index('ix_alerts_ended_at', 'alerts', ['ended_at'])
    op.create_index('uq_alerts_standing', 'alerts', ['key'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('alert_notices',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('alert_id', types.Id, nullable=False),
    sa.Column('event', sa.String(length=10), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('next_at', types.Instant(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('delivered_at', types.Instant(), nullable=True),
    sa.Column('answer', sa.String(length=300), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_alert_notices_alert_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_notices'))
    )
    op.create_index('ix_alert_notices_alert_id', 'alert_notices', ['alert_id'])
    op.create_index('ix_alert_notices_next_at', 'alert_notices', ['next_at'], postgresql_where=sa.text('next_at IS NOT NULL'), sqlite_where=sa.text('next_at IS NOT NULL'))
