"""${message}."""

import sqlalchemy as sa
from alembic import op

from colporteur.db import types

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
runs_from = ${repr(down_revision)}  # the tables of the oldest release that runs on these: docs/upgrading.md


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
