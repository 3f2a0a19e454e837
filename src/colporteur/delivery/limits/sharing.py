"""What all workers share in Redis: rates, and places among the connections that are allowed.

Each question is one script, so that its answer is exact however many ask; Redis's clock counts.
Every method raises ``redis.RedisError`` where Redis does not answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from colporteur.delivery.limits.pacing import Rate

PLACE_LASTS_S = 15.0
"""A place whose worker died is free after this time."""
_WITHIN_S = 0.5
_PREFIX = "colporteur.limits."

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wanted = tonumber(ARGV[1])
local count = wanted
local ahead = {}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local arrival = tonumber(redis.call('GET', key) or now)
  ahead[i] = math.min(math.max(0, arrival - now), burst * interval)
  count = math.max(0, math.min(count, burst - math.ceil(ahead[i] / interval)))
end
local wait = 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local left = ahead[i] + count * interval
  if count > 0 then
    redis.call('SET', key, string.format('%.0f', now + left), 'PX', math.ceil(left / 1000) + 1)
  end
  if count < wanted then
    local more = math.max(1, math.min(wanted - count, math.floor(burst / 2)))
    wait = math.max(wait, left + (more - burst) * interval)
  end
end
return {count, math.ceil(wait)}
"""
_ENTER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZCARD', key) >= tonumber(ARGV[i + 2]) then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2])
end
return 1
"""
_STAY = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[1], ARGV[i + 1])
  redis.call('PEXPIRE', key, ARGV[1])
end
"""


class Shared:
    """A connection to Redis, and the scripts."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(
            url,
            socket_timeout=_WITHIN_S,
            socket_connect_timeout=_WITHIN_S,
            retry=Retry(NoBackoff(), 1),  # a Redis that was restarted has closed what is open
        )
        self._take, self._enter, self._stay = (
            self._client.register_script(script) for script in (_TAKE, _ENTER, _STAY)
        )

    def take(self, rates: Sequence[Rate], wanted: int) -> tuple[int, int]:
        """How many may leave now by every rate, and the microseconds until more may."""
        keys = [f"{_PREFIX}rate:{one.name}" for one in rates]
        said = [number for one in rates for number in (one.interval, one.burst)]
        count, wait = self._take(keys=keys, args=[wanted, *said])
        return int(count), int(wait)

    def enter(self, places: Mapping[str, int], token: str) -> bool:
        """Take a place of each name, of so many; False, and none, where one has none left."""
        keys = [_place(name) for name in places]
        return bool(
            self._enter(keys=keys, args=[token, int(PLACE_LASTS_S * 1000), *places.values()])
        )

    def stay(self, held: Mapping[str, Mapping[str, int]]) -> None:
        """Keep the places of tokens for another while."""
        pairs = [(_place(name), token) for token, places in held.items() for name in places]
        tokens = [token for _, token in pairs]
        self._stay(keys=[key for key, _ in pairs], args=[int(PLACE_LASTS_S * 1000), *tokens])

    def leave(self, places: Mapping[str, int], token: str) -> None:
        """Give the places of a token back."""
        pipeline = self._client.pipeline(transaction=False)
        for name in places:
            pipeline.zrem(_place(name), token)
        pipeline.execute()


def _place(name: str) -> str:
    return f"{_PREFIX}places:{name}"
