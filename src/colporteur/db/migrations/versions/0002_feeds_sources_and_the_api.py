"""Feeds: archives, faults, polls and the hub; polled sources; people and tokens of the API."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article_ids',
    sa.Column('external_id', sa.String(length=500), nullable=False),
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('told_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_ids_article_id')),
    sa.PrimaryKeyConstraint('external_id', name=op.f('pk_article_ids'))
    )
    with op.batch_alter_table('article_ids', schema=None) as batch_op:
        batch_op.create_index('ix_article_ids_article_id', ['article_id'], unique=False)

    op.create_table('faulty_documents',
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('faults', types.Json, nullable=False),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_faulty_documents'))
    )
    op.create_table('feed_polls',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('polls', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'path', 'status', name=op.f('pk_feed_polls'))
    )
    op.create_table('feed_readers',
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('agent', sa.String(length=120), nullable=False),
    sa.Column('subscribers', sa.Integer(), nullable=False),
    sa.Column('seen_at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('path', 'agent', name=op.f('pk_feed_readers'))
    )
    op.create_table('hub_subscriptions',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('callback', sa.String(length=2000), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('secret', sa.String(length=200), nullable=True),
    sa.Column('expires_at', types.Instant(), nullable=True),
    sa.Column('wanted', types.Json, nullable=True),
    sa.Column('verify_at', types.Instant(), nullable=True),
    sa.Column('verify_attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', types.Instant(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_until', types.Instant(), nullable=True),
    sa.Column('delivered_etag', sa.String(length=80), nullable=True),
    sa.Column('delivered_at', types.Instant(), nullable=True),
    sa.Column('took_ms', sa.Integer(), server_default='0', nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hub_subscriptions')),
    sa.UniqueConstraint('key', name=op.f('uq_hub_subscriptions_key'))
    )
    with op.batch_alter_table('hub_subscriptions', schema=None) as batch_op:
        batch_op.create_index('ix_hub_subscriptions_due_at', ['due_at'], unique=False)
        batch_op.create_index('ix_hub_subscriptions_host', ['host'], unique=False)
        batch_op.create_index('ix_hub_subscriptions_path', ['path'], unique=False)
        batch_op.create_index('ix_hub_subscriptions_verify_at', ['verify_at'], unique=False)

    op.create_table('refusals',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('origin', sa.String(length=500), nullable=False),
    sa.Column('entry', sa.String(length=500), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('cure', sa.Text(), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refusals')),
    sa.UniqueConstraint('key', name=op.f('uq_refusals_key'))
    )
    with op.batch_alter_table('refusals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refusals_at'), ['at'], unique=False)

    op.create_table('users',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('address_key', sa.String(length=320), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('disabled_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('address_key', name=op.f('uq_users_address_key'))
    )
    op.create_table('api_tokens',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('user_id', types.Id, nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('hint', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('scopes', types.Json, nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('expires_at', types.Instant(), nullable=True),
    sa.Column('last_used_at', types.Instant(), nullable=True),
    sa.Column('revoked_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_tokens_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    op.create_table('sources',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('channel_id', types.Id, nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('url_key', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('etag', sa.String(length=500), nullable=True),
    sa.Column('http_date', sa.String(length=100), nullable=True),
    sa.Column('body_hash', sa.String(length=64), nullable=True),
    sa.Column('next_at', types.Instant(), nullable=False),
    sa.Column('leased_until', types.Instant(), nullable=True),
    sa.Column('enqueued_at', types.Instant(), nullable=True),
    sa.Column('tried_at', types.Instant(), nullable=True),
    sa.Column('succeeded_at', types.Instant(), nullable=True),
    sa.Column('first_taken_at', types.Instant(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failing_since', types.Instant(), nullable=True),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('alerted_at', types.Instant(), nullable=True),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('next_sitemap', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_sources_channel_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources')),
    sa.UniqueConstraint('channel_id', 'url_key', name=op.f('uq_sources_channel_id_url_key'))
    )
    with op.batch_alter_table('sources', schema=None) as batch_op:
        batch_op.create_index('ix_sources_state_next_at', ['state', 'next_at'], unique=False)

    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('edits', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('source_updated_at', types.Instant(), nullable=True))

    with op.batch_alter_table('article_channels', schema=None) as batch_op:
        batch_op.add_column(sa.Column('in_digests', sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table('documents', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address', sa.String(length=300), server_default='', nullable=False))
        batch_op.add_column(sa.Column('made_from', sa.String(length=64), server_default='', nullable=False))

    with op.batch_alter_table('entry_fragments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('faults', types.Json, server_default='[]', nullable=False))

    with op.batch_alter_table('channels', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restated_at', types.Instant(), nullable=True))

    op.execute("UPDATE channels SET restated_at = (SELECT max(made_at) FROM revisions)")
    op.execute("UPDATE documents SET address = path")
    op.execute("UPDATE channels SET changes = changes + 1")  # feeds say more from this release on
