"""The newsroom: who signs in, what they did, and what they were about to do."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types
from colporteur.db.words import kept

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _staff()
    _desk()
    _api()
    _articles()
    _recovery()
    _readers()


def _staff() -> None:
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('language', sa.String(length=35), nullable=True))
        batch_op.add_column(sa.Column('password_hash', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('password_changed_at', types.Instant(), nullable=True))
        batch_op.add_column(sa.Column('totp_secret', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('totp_since', types.Instant(), nullable=True))
        batch_op.add_column(sa.Column('totp_step', sa.BigInteger(), nullable=True))

    op.create_table('sessions',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('user_id', types.Id, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('seen_at', types.Instant(), nullable=False),
    sa.Column('ends_at', types.Instant(), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sessions_token_hash'))
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index('ix_sessions_user_id', ['user_id'])

    op.create_table('staff_links',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('user_id', types.Id, nullable=True),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('ends_at', types.Instant(), nullable=False),
    sa.Column('used_at', types.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_staff_links_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_staff_links_token_hash'))
    )
    op.create_table('audit',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('user_id', types.Id, nullable=True),
    sa.Column('by', sa.String(length=320), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('detail', types.Json, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_audit_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_subject', ['subject', 'id'])


def _desk() -> None:
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('made_by', sa.BigInteger(), nullable=True))

    op.create_table('special_drafts',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('content', types.Json, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.String(length=320), nullable=False),
    sa.Column('changed_by', sa.String(length=320), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('changed_at', types.Instant(), nullable=False),
    sa.Column('edition_id', types.Id, nullable=True),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_special_drafts_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_special_drafts')),
    sa.UniqueConstraint('key', name=op.f('uq_special_drafts_key'))
    )


def _api() -> None:
    op.create_table('webhooks',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=True),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('kinds', types.Json, nullable=False),
    sa.Column('addresses', sa.Boolean(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('made_by', sa.String(length=320), nullable=False),
    sa.Column('made_at', types.Instant(), nullable=False),
    sa.Column('disabled_at', types.Instant(), nullable=True),
    sa.Column('disabled_why', sa.String(length=300), server_default='', nullable=False),
    sa.Column('alerted_at', types.Instant(), nullable=True),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('failing_since', types.Instant(), nullable=True),
    sa.Column('rests_until', types.Instant(), nullable=True),
    sa.Column('leased_until', types.Instant(), nullable=True),
    sa.Column('delivered_at', types.Instant(), nullable=True),
    sa.Column('problem', sa.String(length=300), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhooks')),
    sa.UniqueConstraint('key', name=op.f('uq_webhooks_key'))
    )
    op.create_table('webhook_messages',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('webhook_id', types.Id, nullable=False),
    sa.Column('message_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('data', types.Json, nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('tried_at', types.Instant(), nullable=True),
    sa.Column('next_at', types.Instant(), nullable=True),
    sa.Column('delivered_at', types.Instant(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('problem', sa.String(length=300), server_default='', nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhooks.id'], name=op.f('fk_webhook_messages_webhook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_messages'))
    )
    waiting = sa.text('next_at IS NOT NULL')
    with op.batch_alter_table('webhook_messages', schema=None) as batch_op:
        batch_op.create_index('ix_webhook_messages_webhook_id', ['webhook_id', 'id'])
        batch_op.create_index('ix_webhook_messages_at', ['at'])
        batch_op.create_index('ix_webhook_messages_next_at', ['webhook_id', 'next_at'], postgresql_where=waiting, sqlite_where=waiting)

    op.create_table('api_answers',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('user_id', types.Id, nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('leased_until', types.Instant(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', types.Json, nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_answers_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_answers'))
    )
    with op.batch_alter_table('api_answers', schema=None) as batch_op:
        batch_op.create_index('uq_api_answers_key_hash', ['key_hash'], unique=True)
        batch_op.create_index('ix_api_answers_at', ['at'])
def _articles() -> None:
    op.create_table('article_texts',
    sa.Column('article_id', types.Id, nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_texts_article_id')),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_texts'))
    )
    if op.get_bind().dialect.name == 'sqlite':
        _words_on_sqlite()
    _keep_words(op.get_bind())
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            "CREATE INDEX ix_article_texts_words ON article_texts "
            "USING gin (array_to_tsvector(string_to_array(words, ' ')))"
        )
    op.create_table('article_drafts',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('content', types.Json, nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('made_by', types.Id, nullable=False),
    sa.Column('changed_by', sa.String(length=320), nullable=False),
    sa.Column('created_at', types.Instant(), nullable=False),
    sa.Column('changed_at', types.Instant(), nullable=False),
    sa.Column('article_id', types.Id, nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_drafts_article_id')),
    sa.ForeignKeyConstraint(['made_by'], ['users.id'], name=op.f('fk_article_drafts_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_drafts')),
    sa.UniqueConstraint('key', name=op.f('uq_article_drafts_key'))
    )
    with op.batch_alter_table('article_drafts', schema=None) as batch_op:
        batch_op.create_index('ix_article_drafts_made_by', ['made_by'])
        batch_op.create_index('ix_article_drafts_article_id', ['article_id'])
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.create_index('ix_articles_made_by', ['made_by'])


def _words_on_sqlite() -> None:
    """An index without a text of its own; triggers tell it what changes."""
    op.execute(
        "CREATE VIRTUAL TABLE article_words USING fts5(words, content='article_texts', "
        "content_rowid='article_id', tokenize='unicode61 remove_diacritics 2')"
    )
    add = "INSERT INTO article_words (rowid, words) VALUES (new.article_id, new.words);"
    drop = (
        "INSERT INTO article_words (article_words, rowid, words) "
        "VALUES ('delete', old.article_id, old.words);"
    )
    for event, steps in {"INSERT": add, "DELETE": drop, "UPDATE": f"{drop} {add}"}.items():
        op.execute(
            f"CREATE TRIGGER article_texts_{event.lower()} AFTER {event} ON article_texts "
            f"BEGIN {steps} END"
        )


def _keep_words(connection: sa.Connection) -> None:
    """The words of the articles there are, some at a time."""
    after = 0
    query = sa.text(
        "SELECT a.id, v.title, v.teaser, v.authors, v.body_html FROM articles a "
        "JOIN article_versions v ON v.article_id = a.id AND v.version = a.version "
        "WHERE a.id > :after ORDER BY a.id LIMIT 500"
    ).columns(id=sa.BigInteger, authors=types.Json)
    write = sa.text("INSERT INTO article_texts (article_id, words) VALUES (:id, :words)")
    while rows := connection.execute(query, {"after": after}).all():
        after = rows[-1].id
        words = [kept((one.title, one.teaser, *one.authors), one.body_html) for one in rows]
        connection.execute(
            write, [{"id": one.id, "words": said} for one, said in zip(rows, words, strict=True)]
        )
def _recovery() -> None:
    op.create_table('recovery_codes',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('user_id', types.Id, nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes'))
    )
    with op.batch_alter_table('recovery_codes', schema=None) as batch_op:
        batch_op.create_index('ix_recovery_codes_user_id', ['user_id'])
def _readers() -> None:
    if op.get_bind().dialect.name == 'postgresql':  # SQLite's is in that order anyway
        op.execute('ALTER TABLE subscribers ALTER COLUMN address_key TYPE varchar(320) COLLATE "C"')

    op.create_table('reader_lists',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('terms', types.Json, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('lines', sa.BigInteger(), nullable=False),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('told', types.Json, nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=320), nullable=False),
    sa.Column('at', types.Instant(), nullable=False),
    sa.Column('changed_at', types.Instant(), nullable=False),
    sa.Column('rung_at', types.Instant(), nullable=True),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reader_lists')),
    sa.UniqueConstraint('key', name=op.f('uq_reader_lists_key'))
    )
    with op.batch_alter_table('reader_lists', schema=None) as batch_op:
        batch_op.create_index('ix_reader_lists_state', ['state'])

    op.create_table('reader_list_parts',
    sa.Column('list_id', types.Id, nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['reader_lists.id'], name=op.f('fk_reader_list_parts_list_id')),
    sa.PrimaryKeyConstraint('list_id', 'kind', 'part', name=op.f('pk_reader_list_parts'))
    )
