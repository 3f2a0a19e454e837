"""The first tables."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('articles',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('feed_id', sa.String(length=500), nullable=False),
    sa.Column('external_id', sa.String(length=500), nullable=True),
    sa.Column('url', sa.String(length=2000), nullable=True),
    sa.Column('url_key', sa.String(length=64), nullable=True),
    sa.Column('slug', sa.String(length=120), nullable=False),
    sa.Column('title_key', sa.String(length=300), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('publish_at', types.Instant(), nullable=True),
    sa.Column('dated_at', types.Instant(), nullable=True),
    sa.Column('numbered_at', types.Instant(), nullable=True),
    sa.Column('published_at', types.Instant(), nullable=True),
    sa.Column('changed_at', types.Instant(), nullable=True),
    sa.Column('withdrawn_at', types.Instant(), nullable=True),
    sa.Column('instant', sa.Boolean(), nullable=False),
    sa.Column('in_digests', sa.Boolean(), nullable=False),
    sa.Column('body_public', sa.Boolean(), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles')),
    sa.UniqueConstraint('external_id', name=op.f('uq_articles_external_id')),
    sa.UniqueConstraint('feed_id', name=op.f('uq_articles_feed_id')),
    sa.UniqueConstraint('number', name=op.f('uq_articles_number')),
    sa.UniqueConstraint('slug', name=op.f('uq_articles_slug')),
    sa.UniqueConstraint('url_key', name=op.f('uq_articles_url_key'))
    )
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.create_index('ix_articles_language_number', ['language', 'number'], unique=False)
        batch_op.create_index(batch_op.f('ix_articles_publish_at'), ['publish_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_articles_title_key'), ['title_key'], unique=False)

    op.create_table('channels',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('feed_id', sa.String(length=500), nullable=False),
    sa.Column('removed_at', types.Instant(), nullable=True),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.Column('built', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channels')),
    sa.UniqueConstraint('feed_id', name=op.f('uq_channels_feed_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_channels_slug'))
    )
    op.create_table('documents',
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('body_gzip', sa.LargeBinary(), nullable=False),
    sa.Column('body_br', sa.LargeBinary(), nullable=False),
    sa.Column('etag', sa.String(length=80), nullable=False),
    sa.Column('last_modified', types.Instant(), nullable=False),
    sa.Column('serial', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_documents'))
    )
    with op.batch_alter_table('documents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_documents_serial'), ['serial'], unique=False)

    op.create_table('facts',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('value', types.Json, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_facts'))
    )
    op.create_table('profiles',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('topics_in', types.Json, nullable=False),
    sa.Column('topics_out', types.Json, nullable=False),
    sa.Column('layout', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profiles')),
    sa.UniqueConstraint('key', name=op.f('uq_profiles_key'))
    )
    op.create_table('revisions',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('made_at', types.Instant(), nullable=False),
    sa.Column('made_by', sa.String(length=200), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('content', types.Json, nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_revisions'))
    )
    op.create_table('sequences',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_sequences'))
    )
    op.create_table('subscribers',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('address', sa.String(length=320), nullable=True),
    sa.Column('address_key', sa.String(length=320), nullable=True),
    sa.Column('domain', sa.String(length=255), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('confirmed_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscribers')),
    sa.UniqueConstraint('address_key', name=op.f('uq_subscribers_address_key'))
    )
    op.create_table('suppressions',
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('address_hash', name=op.f('pk_suppressions'))
    )
    op.create_table('topics',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('removed_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topics')),
    sa.UniqueConstraint('slug', name=op.f('uq_topics_slug'))
    )
    op.create_table('article_channels',
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('channel_id', types.Id, nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_channels_article_id')),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_article_channels_channel_id')),
    sa.PrimaryKeyConstraint('article_id', 'channel_id', name=op.f('pk_article_channels'))
    )
    with op.batch_alter_table('article_channels', schema=None) as batch_op:
        batch_op.create_index('ix_article_channels_channel_id', ['channel_id', 'article_id'], unique=False)

    op.create_table('article_topics',
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('topic_id', types.Id, nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_topics_article_id')),
    sa.ForeignKeyConstraint(['topic_id'], ['topics.id'], name=op.f('fk_article_topics_topic_id')),
    sa.PrimaryKeyConstraint('article_id', 'topic_id', name=op.f('pk_article_topics'))
    )
    with op.batch_alter_table('article_topics', schema=None) as batch_op:
        batch_op.create_index('ix_article_topics_topic_id', ['topic_id', 'article_id'], unique=False)

    op.create_table('article_versions',
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_at', types.Instant(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('teaser', sa.Text(), nullable=False),
    sa.Column('teaser_given', sa.Boolean(), nullable=False),
    sa.Column('body_html', sa.Text(), nullable=False),
    sa.Column('authors', types.Json, nullable=False),
    sa.Column('topics', types.Json, nullable=False),
    sa.Column('image', types.Json, nullable=True),
    sa.Column('enclosure', types.Json, nullable=True),
    sa.Column('source', types.Json, nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_versions_article_id')),
    sa.PrimaryKeyConstraint('article_id', 'version', name=op.f('pk_article_versions'))
    )
    op.create_table('cadences',
    sa.Column('channel_id', types.Id, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('checked_until', types.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_cadences_channel_id')),
    sa.PrimaryKeyConstraint('channel_id', 'name', name=op.f('pk_cadences'))
    )
    op.create_table('editions',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('public_id', sa.String(length=40), nullable=False),
    sa.Column('channel_id', types.Id, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=True),
    sa.Column('cadence', sa.String(length=80), nullable=True),
    sa.Column('slot', types.Instant(), nullable=True),
    sa.Column('send_at', types.Instant(), nullable=True),
    sa.Column('forced', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('arrangement', types.Json, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('number_to', sa.BigInteger(), nullable=True),
    sa.Column('opened_at', types.Instant(), nullable=False),
    sa.Column('approved_at', types.Instant(), nullable=True),
    sa.Column('approved_to', sa.BigInteger(), nullable=True),
    sa.Column('hold_until', types.Instant(), nullable=True),
    sa.Column('frozen_at', types.Instant(), nullable=True),
    sa.Column('ended_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_editions_channel_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_editions')),
    sa.UniqueConstraint('channel_id', 'cadence', 'slot', name=op.f('uq_editions_channel_id_cadence_slot')),
    sa.UniqueConstraint('key', name=op.f('uq_editions_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_editions_public_id'))
    )
    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.create_index('ix_editions_state', ['state', 'send_at'], unique=False)

    op.create_table('entry_fragments',
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('format', sa.String(length=10), nullable=False),
    sa.Column('shape', sa.String(length=32), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_entry_fragments_article_id')),
    sa.PrimaryKeyConstraint('article_id', 'version', 'format', 'shape', name=op.f('pk_entry_fragments'))
    )
    op.create_table('letters',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('message', sa.String(length=40), nullable=False),
    sa.Column('subscriber_id', types.Id, nullable=True),
    sa.Column('address', sa.String(length=320), nullable=True),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('content', types.Json, nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_letters_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sa.UniqueConstraint('purpose', name=op.f('uq_letters_purpose'))
    )
    op.create_table('subscriber_events',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('subscriber_id', types.Id, nullable=False),
    sa.Column('channel_id', sa.BigInteger(), nullable=True),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('detail', types.Json, nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_subscriber_events_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriber_events'))
    )
    with op.batch_alter_table('subscriber_events', schema=None) as batch_op:
        batch_op.create_index('ix_subscriber_events_subscriber_id', ['subscriber_id', 'at'], unique=False)

    op.create_table('subscriptions',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('subscriber_id', types.Id, nullable=False),
    sa.Column('channel_id', types.Id, nullable=False),
    sa.Column('profile_id', types.Id, nullable=False),
    sa.Column('cadence', sa.String(length=80), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=True),
    sa.Column('minute', sa.Integer(), nullable=True),
    sa.Column('timezone', sa.String(length=64), nullable=True),
    sa.Column('specials', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('start_number', sa.BigInteger(), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('paused_until', types.Instant(), nullable=True),
    sa.Column('ended_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_subscriptions_channel_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_subscriptions_profile_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_subscriptions_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriptions')),
    sa.UniqueConstraint('subscriber_id', 'channel_id', name=op.f('uq_subscriptions_subscriber_id_channel_id'))
    )
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.create_index('ix_subscriptions_channel_id_cadence', ['channel_id', 'cadence', 'state'], unique=False)

    op.create_table('batches',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('edition_id', types.Id, nullable=True),
    sa.Column('batch_no', sa.Integer(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('domain_group', sa.String(length=80), nullable=False),
    sa.Column('due_at', types.Instant(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', types.Instant(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('enqueued_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_batches_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('edition_id', 'batch_no', name=op.f('uq_batches_edition_id_batch_no'))
    )
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.create_index('ix_batches_unfinished', ['priority', 'due_at'], unique=False, postgresql_where=sa.text("status <> 'done'"), sqlite_where=sa.text("status <> 'done'"))

    op.create_table('edition_articles',
    sa.Column('edition_id', types.Id, nullable=False),
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_edition_articles_article_id')),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_edition_articles_edition_id')),
    sa.PrimaryKeyConstraint('edition_id', 'article_id', name=op.f('pk_edition_articles'))
    )
    op.create_table('edition_events',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('edition_id', types.Id, nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('from_state', sa.String(length=20), nullable=True),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_edition_events_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition_events'))
    )
    with op.batch_alter_table('edition_events', schema=None) as batch_op:
        batch_op.create_index('ix_edition_events_edition_id', ['edition_id', 'id'], unique=False)

    op.create_table('variants',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('edition_id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('windows', sa.Text(), nullable=False),
    sa.Column('number_to', sa.BigInteger(), nullable=False),
    sa.Column('articles', types.Json, nullable=False),
    sa.Column('more', sa.Integer(), nullable=False),
    sa.Column('layout', sa.String(length=40), nullable=False),
    sa.Column('readers', sa.Integer(), nullable=False),
    sa.Column('rendered_at', types.Instant(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('html', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_variants_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variants')),
    sa.UniqueConstraint('edition_id', 'key', name=op.f('uq_variants_edition_id_key'))
    )
    op.create_table('deliveries',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('edition_id', types.Id, nullable=True),
    sa.Column('variant_id', types.Id, nullable=True),
    sa.Column('letter_id', types.Id, nullable=True),
    sa.Column('subscriber_id', types.Id, nullable=True),
    sa.Column('subscription_id', types.Id, nullable=True),
    sa.Column('batch_id', types.Id, nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('due_at', types.Instant(), nullable=False),
    sa.Column('next_attempt_at', types.Instant(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('possible_duplicates', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('inflight_at', types.Instant(), nullable=True),
    sa.Column('ended_at', types.Instant(), nullable=True),
    sa.Column('smtp_code', sa.Integer(), nullable=True),
    sa.Column('enhanced_code', sa.String(length=20), nullable=True),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.Column('relay_id', sa.String(length=200), nullable=True),
    sa.CheckConstraint('(edition_id IS NULL) <> (letter_id IS NULL)', name=op.f('ck_deliveries_one_origin')),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_deliveries_batch_id')),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_deliveries_edition_id')),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_deliveries_letter_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscribers.id'], name=op.f('fk_deliveries_subscriber_id')),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscriptions.id'], name=op.f('fk_deliveries_subscription_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_deliveries_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('edition_id', 'subscriber_id', name=op.f('uq_deliveries_edition_id_subscriber_id')),
    sa.UniqueConstraint('letter_id', name=op.f('uq_deliveries_letter_id')),
    postgresql_with={'fillfactor': 70}
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_deliveries_batch_id', ['batch_id'], unique=False)
        batch_op.create_index('ix_deliveries_subscription_id', ['subscription_id', 'edition_id'], unique=False)
        batch_op.create_index('ix_deliveries_unfinished', ['edition_id', 'status'], unique=False, postgresql_where=sa.text("status IN ('pending', 'inflight', 'deferred')"), sqlite_where=sa.text("status IN ('pending', 'inflight', 'deferred')"))
        batch_op.create_index('ix_deliveries_variant_id', ['variant_id'], unique=False)

    # Numbering starts at 1; each row is also a lock.
    op.execute("INSERT INTO sequences (name, value) VALUES ('articles', 0), ('documents', 0)")


def downgrade() -> None:
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_deliveries_variant_id')
        batch_op.drop_index('ix_deliveries_unfinished', postgresql_where=sa.text("status IN ('pending', 'inflight', 'deferred')"), sqlite_where=sa.text("status IN ('pending', 'inflight', 'deferred')"))
        batch_op.drop_index('ix_deliveries_subscription_id')
        batch_op.drop_index('ix_deliveries_batch_id')

    op.drop_table('deliveries')
    op.drop_table('variants')
    with op.batch_alter_table('edition_events', schema=None) as batch_op:
        batch_op.drop_index('ix_edition_events_edition_id')

    op.drop_table('edition_events')
    op.drop_table('edition_articles')
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.drop_index('ix_batches_unfinished', postgresql_where=sa.text("status <> 'done'"), sqlite_where=sa.text("status <> 'done'"))

    op.drop_table('batches')
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.drop_index('ix_subscriptions_channel_id_cadence')

    op.drop_table('subscriptions')
    with op.batch_alter_table('subscriber_events', schema=None) as batch_op:
        batch_op.drop_index('ix_subscriber_events_subscriber_id')

    op.drop_table('subscriber_events')
    op.drop_table('letters')
    op.drop_table('entry_fragments')
    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.drop_index('ix_editions_state')

    op.drop_table('editions')
    op.drop_table('cadences')
    op.drop_table('article_versions')
    with op.batch_alter_table('article_topics', schema=None) as batch_op:
        batch_op.drop_index('ix_article_topics_topic_id')

    op.drop_table('article_topics')
    with op.batch_alter_table('article_channels', schema=None) as batch_op:
        batch_op.drop_index('ix_article_channels_channel_id')

    op.drop_table('article_channels')
    op.drop_table('topics')
    op.drop_table('suppressions')
    op.drop_table('subscribers')
    op.drop_table('sequences')
    op.drop_table('revisions')
    op.drop_table('profiles')
    op.drop_table('facts')
    with op.batch_alter_table('documents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_documents_serial'))

    op.drop_table('documents')
    op.drop_table('channels')
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_articles_title_key'))
        batch_op.drop_index(batch_op.f('ix_articles_publish_at'))
        batch_op.drop_index('ix_articles_language_number')

    op.drop_table('articles')
