"""The newsroom: who signs in, what they did, and what they were about to do."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _staff()
    _desk()


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
    sa.Column('user_id', types.Id, nullable=False),
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
