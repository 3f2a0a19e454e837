"""Documents: the bytes of each feed, as they are served, and what they are joined from."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from colporteur.db.tables.metadata import metadata, refers
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

# An article's entry in one format, made once for each version. `shape` stands for all that an
# entry depends on beside its article; a change of the article that makes no version deletes it.
entry_fragments = Table(
    "entry_fragments",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("format", String(10), primary_key=True),
    Column("shape", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
