"""Consent, lists read in, and what comes back."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feedback',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('event_id', sa.String(length=200), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=True),
    sa.Column('subscriber_id', types.Id, nullable=False),
    sa.Column('delivery_id', types.Id, nullable=True),
    sa.Column('edition_id', types.Id, nullable=True),
    sa.Column('domain', sa.String(length=255), nullable=True),
    sa.Column('smtp_code', sa.Integer(), nullable=True),
    sa.Column('enhanced_code', sa.String(length=20), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('effect', sa.String(length=40), nullable=True),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
    sa.UniqueConstraint('source', 'event_id', name=op.f('uq_feedback_source_event_id'))
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index('ix_feedback_edition_id', ['edition_id', 'kind'])
        batch_op.create_index('ix_feedback_subscriber_id', ['subscriber_id', 'at'])

    op.create_table('feedback_dropped',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'source', 'reason', name=op.f('pk_feedback_dropped'))
    )
    op.create_table('imports',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('options', types.Json, nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('rows', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('counts', types.Json, nullable=False),
    sa.Column('finished_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_table('wordings',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_wordings'))
    )
    op.create_table('consents',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('subscriber_id', types.Id, nullable=False),
    sa.Column('import_id', types.Id, nullable=True),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('channels', types.Json, nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=True),
    sa.Column('form_url', sa.Text(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('last_edition', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('asked_at', types.Instant(), nullable=True),
    sa.Column('reminded_at', types.Instant(), nullable=True),
    sa.Column('confirmed_at', types.Instant(), nullable=True),
    sa.Column('confirmed_ip', sa.String(length=45), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_consents_import_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_consents_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.create_index('ix_consents_subscriber_id', ['subscriber_id'])
        batch_op.create_index('ix_consents_open', ['at'], postgresql_where=sa.text("confirmed_at IS NULL AND (method <> 'import' OR asked_at IS NOT NULL)"), sqlite_where=sa.text("confirmed_at IS NULL AND (method <> 'import' OR asked_at IS NOT NULL)"))
        batch_op.create_index('ix_consents_to_ask', ['at'], postgresql_where=sa.text("confirmed_at IS NULL AND asked_at IS NULL AND method = 'import'"), sqlite_where=sa.text("confirmed_at IS NULL AND asked_at IS NULL AND method = 'import'"))

    with op.batch_alter_table('subscribers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('feed_key', sa.String(length=40), nullable=True))
        batch_op.create_index('ix_subscribers_pending', ['created_at'], postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'"))

    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.create_index('ix_subscriptions_pending', ['subscriber_id'], postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'"))

    op.create_index(
        'ix_subscriber_events_unsubscribed',
        'subscriber_events',
        ['at'],
        postgresql_where=sa.text("kind = 'unsubscribed'"),
        sqlite_where=sa.text("kind = 'unsubscribed'"),
    )
    op.create_index('ix_letters_subscriber_id', 'letters', ['subscriber_id'])
    op.create_index(
        'ix_letters_elsewhere',
        'letters',
        ['purpose'],
        postgresql_where=sa.text('address IS NOT NULL'),
        sqlite_where=sa.text('address IS NOT NULL'),
    )
