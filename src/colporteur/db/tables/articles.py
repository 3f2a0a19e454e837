"""Articles, their versions, and the channels they appear in."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    true,
)

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

articles = Table(
    "articles",
    metadata,
    key(),
    Column("feed_id", String(500), nullable=False, unique=True),  # guid / atom:id, for ever
    Column("external_id", String(500), unique=True),
    Column("url", String(2000)),  # where it lives, when not on our site
    Column("url_key", String(64), unique=True),  # its hash: long URLs do not fit an index
    Column("slug", String(120), nullable=False, unique=True),
    Column("title_key", String(300), nullable=False, index=True),
    Column("language", String(35), nullable=False),
    Column("listed", Boolean, nullable=False),  # known by a list's title and teaser only
    Column("state", String(20), nullable=False),  # scheduled, published, withdrawn
    Column("number", BigInteger, unique=True),  # place in the one sequence, once published
    Column("version", Integer, nullable=False),
    Column("edits", Integer, nullable=False, server_default="1"),  # changes of any kind
    Column("publish_at", Instant, index=True),
    Column("dated_at", Instant),  # the author's own date, if any
    Column("numbered_at", Instant),
    Column("published_at", Instant),  # what feeds say: the author's date, else the numbering
    Column("changed_at", Instant),  # the last significant change
    Column("source_updated_at", Instant),  # what its source last said of its change
    Column("withdrawn_at", Instant),
    Column("instant", Boolean, nullable=False),  # may open an instant edition
    Column("in_digests", Boolean, nullable=False),
    Column("body_public", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("made_by", BigInteger),  # a user's id, where somebody wrote it in the newsroom
    Index("ix_articles_language_number", "language", "number"),
    Index("ix_articles_made_by", "made_by"),
)

# Further ids under which an article was told of, beside its own ``external_id``.
article_ids = Table(
    "article_ids",
    metadata,
    Column("external_id", String(500), primary_key=True),
    refers("article_id", "articles.id"),
    Column("told_at", Instant),  # how new what was told last is, by its teller's own clock
    Index("ix_article_ids_article_id", "article_id"),
)

article_versions = Table(
    "article_versions",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("teaser", Text, nullable=False),
    Column("teaser_given", Boolean, nullable=False),  # the author's own, not cut by us
    Column("body_html", Text, nullable=False),
    Column("authors", Json, nullable=False),
    Column("topics", Json, nullable=False),  # topic ids
    Column("image", Json),  # url, alt, width, height, type, length
    Column("enclosure", Json),  # url, type, length
    Column("source", Json),  # title, url: where a re-syndicated entry came from
)

# The words of the current version, folded (``db.words``), for the newsroom's search. PostgreSQL
# has an index over them; on SQLite triggers keep ``article_words`` in step, an FTS5 table.
article_texts = Table(
    "article_texts",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    Column("words", Text, nullable=False),  # each once, spaces between
)
WORDS_INDEX = "ix_article_texts_words"
"""PostgreSQL's, over ``array_to_tsvector(string_to_array(words, ' '))``; a migration makes it."""
WORDS_ON_SQLITE = "article_words"

# What people write in the newsroom: drafts, which nothing else looks at, and the Markdown of what
# became an article of them.
article_drafts = Table(
    "article_drafts",
    metadata,
    key(),
    Column("key", String(40), nullable=False, unique=True),  # the form's nonce
    Column("content", Json, nullable=False),  # the form's fields
    Column("title", Text, nullable=False),
    Column("version", Integer, nullable=False),
    refers("made_by", "users.id"),
    Column("changed_by", String(320), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    refers("article_id", "articles.id", nullable=True),
    Index("ix_article_drafts_made_by", "made_by"),
    Index("ix_article_drafts_article_id", "article_id"),
)

# What was not taken in, so that someone can mend it; forgotten when it is taken after all.
refusals = Table(
    "refusals",
    metadata,
    key(),
    Column("key", String(64), nullable=False, unique=True),  # hash of origin and entry
    Column("origin", String(500), nullable=False),  # source https://…, api, file
    Column("entry", String(500), nullable=False),  # its id, address or file
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cure", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),  # 0: it is not for lack of luck
)

article_channels = Table(
    "article_channels",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    refers("channel_id", "channels.id", primary_key=True),
    Column("in_digests", Boolean, nullable=False, server_default=true()),  # not by a first fetch
    Column("number", BigInteger),  # its place here, when it came here after its publication
    Index("ix_article_channels_channel_id", "channel_id", "article_id"),
)

# The topics of the current version, for what is asked by topic.
article_topics = Table(
    "article_topics",
    metadata,
    refers("article_id", "articles.id", primary_key=True),
    refers("topic_id", "topics.id", primary_key=True),
    Index("ix_article_topics_topic_id", "topic_id", "article_id"),
)

# The articles' pictures as they were found at their addresses.
pictures = Table(
    "pictures",
    metadata,
    key(),
    Column("url_key", String(64), nullable=False, unique=True),  # hash of the address
    Column("url", String(2000), nullable=False),
    Column("state", String(20), nullable=False),  # waiting, kept, refused
    Column("problem", Text, nullable=False, server_default=""),
    Column("width", Integer),  # pixels
    Column("height", Integer),
    Column("type", String(100)),  # image/jpeg
    Column("length", Integer),  # bytes
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),  # when it is fetched, first or again
    Column("rung_at", Instant),
    Column("fetched_at", Instant),
    Index("ix_pictures_due_at", "due_at"),
)

# What mails and pages show of them, in the sizes they need; a name is of its bytes, for ever.
picture_copies = Table(
    "picture_copies",
    metadata,
    Column("name", String(80), primary_key=True),  # <hash of the bytes>-<width>.jpg
    refers("picture_id", "pictures.id"),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("type", String(100), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Index("ix_picture_copies_picture_id", "picture_id"),
)

# Holds the last number given. Its row is the lock that numbering and freezing take in turn.
sequences = Table(
    "sequences",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
