"""Documents: the bytes of each feed, as they are served."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from colporteur.db.tables.metadata import metadata
from colporteur.db.types import Instant

documents = Table(
    "documents",
    metadata,
    Column("path", String(300), primary_key=True),  # as in the URL: feeds/actualites.rss
    Column("content_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_gzip", LargeBinary, nullable=False),
    Column("body_br", LargeBinary, nullable=False),
    Column("etag", String(80), nullable=False),
    Column("last_modified", Instant, nullable=False),  # moves whenever the ETag does
    Column("serial", BigInteger, nullable=False, index=True),  # grows with every write of any
)
