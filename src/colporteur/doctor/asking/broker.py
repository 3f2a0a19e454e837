"""Redis: whether it answers, how it is set, and whether it serves strangers."""

from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from colporteur.config.relay import is_loopback
from colporteur.doctor.judging.broker import Broker
from colporteur.exceptions import ServiceUnavailable

WITHIN_S = 5.0
_SETTINGS = ("maxmemory-policy", "appendonly")
_FIGURES = ("maxmemory", "used_memory", "aof_last_write_status", "rdb_last_bgsave_status")


def look_at_broker(url: str) -> Broker:
    """What it says of itself.

    Raises:
        ServiceUnavailable: it does not answer, or not to us; the message shows no password.
    """
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}"
    try:
        with redis.Redis.from_url(url, **_patience()) as client:
            info = client.info("everything")
            settings = _settings(client)
    except (RedisError, OSError, ValueError) as error:
        raise ServiceUnavailable(
            f"Redis at {where} does not answer us: {_without_password(str(error), url)}.",
            cure="Start it, or correct COLPORTEUR_BROKER_URL.",
        ) from None
    return Broker(
        version=str(info.get("valkey_version") or info.get("redis_version") or ""),
        settings=settings,
        figures={name: str(info.get(name, "")) for name in _FIGURES},
        open_to_all=_serves_strangers(url),
        here=is_loopback(parts.hostname or "localhost"),
        encrypted=parts.scheme == "rediss",
    )


def _patience() -> dict[str, Any]:
    """No second try: by default it waits for seconds between several."""
    within = {"socket_timeout": WITHIN_S, "socket_connect_timeout": WITHIN_S}
    return {**within, "retry": Retry(NoBackoff(), 0)}


def _settings(client: redis.Redis) -> dict[str, str] | None:
    found: dict[str, str] = {}
    try:
        for name in _SETTINGS:
            said = client.config_get(name)
            found |= {_text(key): _text(value) for key, value in dict(said).items()}
    except ResponseError:
        return None
    return found or None


def _serves_strangers(url: str) -> bool:
    """Whether it answers who gives no password."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        with redis.Redis.from_url(bare, **_patience()) as client:
            return bool(client.ping())
    except (RedisError, OSError, ValueError):
        return False


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _without_password(said: str, url: str) -> str:
    password = urlsplit(url).password
    plain = said.replace(password, "…") if password else said
    return plain.strip().rstrip(".")[:200]
