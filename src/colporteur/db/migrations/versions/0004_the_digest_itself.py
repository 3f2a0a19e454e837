"""The digest itself: preflight, pictures of our own, editions on the web, clicks."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pictures',
    sa.Column('id', types.Id, nullable=False),
    sa.Column('url_key', sa.String(length=64), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('problem', sa.Text(), server_default='', nullable=False),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('type', sa.String(length=100), nullable=True),
    sa.Column('length', sa.Integer(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', types.Instant(), nullable=True),
    sa.Column('rung_at', types.Instant(), nullable=True),
    sa.Column('fetched_at', types.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pictures')),
    sa.UniqueConstraint('url_key', name=op.f('uq_pictures_url_key'))
    )
    op.create_index('ix_pictures_due_at', 'pictures', ['due_at'])

    op.create_table('picture_copies',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('picture_id', types.Id, nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=100), nullable=False),
    sa.Column('bytes', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['picture_id'], ['pictures.id'], name=op.f('fk_picture_copies_picture_id')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_picture_copies'))
    )
    op.create_index('ix_picture_copies_picture_id', 'picture_copies', ['picture_id'])

    op.create_table('clicks',
    sa.Column('edition_id', types.Id, nullable=False),
    sa.Column('url_key', sa.String(length=64), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_clicks_edition_id')),
    sa.PrimaryKeyConstraint('edition_id', 'url_key', name=op.f('pk_clicks'))
    )
    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('check_rung_at', types.Instant(), nullable=True))
        batch_op.add_column(sa.Column('checked_at', types.Instant(), nullable=True))
        batch_op.add_column(sa.Column('findings', types.Json, server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('first_left_at', types.Instant(), nullable=True))

    _rename_template()


def _rename_template() -> None:
    """What a channel's digests call ``layout`` was ``template``."""
    revisions = sa.table('revisions', sa.column('number', sa.Integer), sa.column('content', types.Json))
    connection = op.get_bind()
    for row in connection.execute(sa.select(revisions)).all():
        content = row.content
        for channel in content.get('channels', ()):
            digest = channel.get('digest') or {}
            if 'template' in digest:
                digest['layout'] = digest.pop('template')
        connection.execute(
            revisions.update().where(revisions.c.number == row.number).values(content=content)
        )
