"""Tokens that programs hold: shown once, kept as a hash, bound to scopes, ended when wanted."""

import enum
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from colporteur.db.tables.staff import api_tokens, users
from colporteur.exceptions import ColporteurError, UnknownName
from colporteur.tokens import fingerprint

_USE_NOTED_EVERY = timedelta(hours=1)
_NAME_AT_MOST = 100
_HINT_LENGTH = 12
_TOKEN = re.compile(r"col_[A-Za-z0-9_-]{43}")


class Scope(enum.StrEnum):
    """What a token allows. One of Ghost's only signs Ghost's webhooks."""

    CHANNELS_READ = "channels:read"
    ARTICLES_READ = "articles:read"
    ARTICLES_WRITE = "articles:write"
    EDITIONS_READ = "editions:read"
    EDITIONS_WRITE = "editions:write"
    EDITIONS_APPROVE = "editions:approve"
    REPORTS_READ = "reports:read"
    SUBSCRIBERS_READ = "subscribers:read"
    SUBSCRIBERS_WRITE = "subscribers:write"
    SENDING = "sending"
    SIGNUPS = "signups"
    TOKENS = "tokens"
    GHOST = "ghost"


READING = frozenset(
    {
        Scope.CHANNELS_READ,
        Scope.ARTICLES_READ,
        Scope.EDITIONS_READ,
        Scope.REPORTS_READ,
        Scope.SUBSCRIBERS_READ,
    }
)
"""The scopes that change nothing."""


@dataclass(frozen=True)
class Token:
    """A token without its text; ``hint`` is its first characters, to tell it by."""

    id: int
    user_id: int
    name: str
    hint: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether it has not ended."""
        lasts = self.expires_at is None or self.expires_at > now
        return self.revoked_at is None and lasts

    def use_is_news(self, now: datetime) -> bool:
        """Whether a use should be noted: once an hour is enough to see that it is in use."""
        return self.last_used_at is None or now - self.last_used_at >= _USE_NOTED_EVERY


def mint(
    connection: Connection,
    person_id: int,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
    lasts: timedelta | None = None,
) -> tuple[str, Token]:
    """Make a token; its text, which nothing keeps, and what is known of it from now on.

    Raises:
        ColporteurError: the name cannot be one, or there is no scope.
    """
    _check(name, scopes)
    text = f"col_{secrets.token_urlsafe(32)}"
    connection.execute(
        insert(api_tokens).values(
            user_id=person_id,
            name=name,
            hint=text[:_HINT_LENGTH],
            token_hash=_hash(text),
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + lasts if lasts else None,
        )
    )
    made = valid(connection, text, now)
    assert made is not None
    return text, made


def valid(connection: Connection, text: str, now: datetime) -> Token | None:
    """The token of this text, unless it ended or its holder is disabled."""
    if not _TOKEN.fullmatch(text):
        return None
    return _in_force(connection, api_tokens.c.token_hash == _hash(text), now)


def valid_by_hint(connection: Connection, hint: str, now: datetime) -> Token | None:
    """The token that begins so, unless it ended or its holder is disabled."""
    if not _TOKEN.fullmatch(hint.ljust(47, "_")):  # PostgreSQL refuses some texts, such as NUL
        return None
    return _in_force(connection, api_tokens.c.hint == hint, now)


def ghost_secret(secret_key: str, token: Token) -> str:
    """What Ghost signs its webhooks with for this token; nothing keeps it."""
    return fingerprint(secret_key, "ghost", f"{token.id} {token.hint}")


def note_use(connection: Connection, token: Token, now: datetime) -> None:
    """Note that a token was used."""
    used = update(api_tokens).where(api_tokens.c.id == token.id)
    connection.execute(used.values(last_used_at=now))


def revoke(connection: Connection, hint: str, now: datetime) -> bool:
    """End the token that begins so, for ever; whether it had not ended already.

    Raises:
        UnknownName: there is none.
    """
    mine = api_tokens.c.hint == hint
    if connection.scalar(select(api_tokens.c.id).where(mine)) is None:
        raise UnknownName(
            f"No token begins with {hint!r}.",
            cure="`colporteur users list` has what they begin with.",
        )
    going = update(api_tokens).where(mine, api_tokens.c.revoked_at.is_(None))
    return connection.execute(going.values(revoked_at=now)).rowcount > 0


def revoke_of(connection: Connection, person_id: int, token_id: int, now: datetime) -> Token | None:
    """End one of somebody's tokens, for ever; None where they have none of this id that works."""
    mine = (api_tokens.c.id == token_id) & (api_tokens.c.user_id == person_id)
    found = connection.execute(select(api_tokens).where(mine)).first()
    going = update(api_tokens).where(mine, api_tokens.c.revoked_at.is_(None))
    if found is None or not connection.execute(going.values(revoked_at=now)).rowcount:
        return None
    return _token(found)


def of_person(connection: Connection, person_id: int) -> list[Token]:
    """Somebody's tokens, the newest first."""
    mine = select(api_tokens).where(api_tokens.c.user_id == person_id)
    return [_token(row) for row in connection.execute(mine.order_by(api_tokens.c.id.desc()))]


def listing(connection: Connection) -> dict[int, list[Token]]:
    """Every token by its holder's id, in the order they were made."""
    found: dict[int, list[Token]] = {}
    for row in connection.execute(select(api_tokens).order_by(api_tokens.c.id)):
        found.setdefault(row.user_id, []).append(_token(row))
    return found


def _in_force(connection: Connection, which: Any, now: datetime) -> Token | None:
    query = select(api_tokens).join(users).where(which, users.c.disabled_at.is_(None))
    row = connection.execute(query.where(api_tokens.c.revoked_at.is_(None))).first()
    ended = row is not None and row.expires_at is not None and row.expires_at <= now
    return None if row is None or ended else _token(row)


def _token(row: Any) -> Token:
    known = {one.value: one for one in Scope}
    return Token(
        row.id,
        row.user_id,
        row.name,
        row.hint,
        frozenset(known[name] for name in row.scopes if name in known),
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )


def _check(name: str, scopes: Collection[Scope]) -> None:
    if not name.strip() or len(name) > _NAME_AT_MOST or not name.isprintable():
        raise ColporteurError(
            "This cannot be a token's name.",
            cure=f"Write 1 to {_NAME_AT_MOST} printable characters, such as: cms.",
        )
    if not scopes:
        raise ColporteurError("The token would allow nothing.", cure="Give it a scope.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
