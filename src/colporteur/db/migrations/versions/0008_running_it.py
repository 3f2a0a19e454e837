"""Running it: what operators are told, and what keeps an installation well."""

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
