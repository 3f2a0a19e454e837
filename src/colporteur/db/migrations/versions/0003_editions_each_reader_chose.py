"""Editions: specials, pauses, late joiners of a channel, and freezes of a million readers."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None



def upgrade() -> None:
    with op.batch_alter_table('article_channels', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.BigInteger(), nullable=True))

    with op.batch_alter_table('deliveries', schema=None, table_args=_checks()) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_deliveries_letter_id'), type_='unique')
        batch_op.create_index('ix_deliveries_letter_id', ['letter_id'], unique=True, postgresql_where=sa.text('letter_id IS NOT NULL'), sqlite_where=sa.text('letter_id IS NOT NULL'))
        batch_op.add_column(sa.Column('moved', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_deliveries_not_as_frozen', ['edition_id', 'subscription_id'], unique=False, postgresql_where=sa.text("status IN ('failed', 'skipped') OR moved"), sqlite_where=sa.text("status IN ('failed', 'skipped') OR moved"))
        for name in ('batch_id', 'subscription_id', 'subscriber_id', 'variant_id', 'edition_id'):
            batch_op.drop_constraint(batch_op.f(f'fk_deliveries_{name}'), type_='foreignkey')

    with op.batch_alter_table('edition_articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('taken_out_at', types.Instant(), nullable=True))
        batch_op.create_index('ix_edition_articles_article_id', ['article_id', 'edition_id'], unique=False)

    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('arranged_by', types.Json, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('audience', types.Json, nullable=True))
        batch_op.add_column(sa.Column('resumed_at', types.Instant(), nullable=True))

    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('keeps_backlog', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index('ix_subscriptions_paused_until', ['paused_until'], unique=False, postgresql_where=sa.text("state = 'paused'"), sqlite_where=sa.text("state = 'paused'"))

    with op.batch_alter_table('variants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('settled', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('base_id', types.Id, nullable=True))
        batch_op.add_column(sa.Column('without', types.Json, server_default='[]', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_variants_base_id'), 'variants', ['base_id'], ['id'])

    _stay_live()


def _checks() -> tuple[sa.CheckConstraint, ...]:
    """SQLite copies the table, and would forget its check."""
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    name = op.f('ck_deliveries_one_origin')
    origin = sa.CheckConstraint('(edition_id IS NULL) <> (letter_id IS NULL)', name=name)
    return (origin,) if on_sqlite else ()


def _stay_live() -> None:
    """A publication that has sent editions is no rehearsal."""
    facts = sa.table('facts', sa.column('name', sa.String), sa.column('value', types.Json))
    connection = op.get_bind()
    sent = sa.text("SELECT 1 FROM deliveries WHERE status = 'sent' AND edition_id IS NOT NULL LIMIT 1")
    if connection.scalar(sent):
        connection.execute(facts.insert().values(name='live', value={'by': 'an earlier release'}))
