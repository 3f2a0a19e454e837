"""What is wrong with Redis, by what ``CONFIG GET`` and ``INFO`` say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from colporteur.doctor.finding import Finding, note, unknown, warning, well, wrong

_AT_LEAST = (6, 2)
_FULL = 0.9


@dataclass(frozen=True)
class Broker:
    """What a Redis or Valkey says of itself; ``settings`` is None where it does not tell."""

    version: str
    settings: Mapping[str, str] | None
    figures: Mapping[str, str] = field(default_factory=dict)
    open_to_all: bool = False
    """Whether it serves who gives no password."""
    here: bool = False
    """Whether it is on this machine, or we reach it by a network that nobody else is on."""
    encrypted: bool = False


def judge_broker(broker: Broker) -> Iterator[Finding]:
    """The findings about one that answers."""
    yield _version(broker.version)
    yield _password(broker)
    if not broker.here and not broker.encrypted:
        yield note(
            "broker.tls",
            "What is said to Redis goes over a network in clear, its password too.",
            "Keep that network to these machines, or use rediss://.",
        )
    if broker.settings is None:
        yield unknown(
            "broker.settings",
            "Redis does not tell its settings (CONFIG is refused).",
            "See that maxmemory-policy is noeviction and appendonly is yes.",
        )
    else:
        yield from _settings(broker.settings)
    yield from _figures(broker)


def _version(said: str) -> Finding:
    parts = tuple(int(one) for one in said.split(".")[:2] if one.isdigit())
    if parts >= _AT_LEAST:
        return well("broker.version", f"Redis {said} answers.")
    return warning("broker.version", f"Redis {said} is old.", "Take 6.2 or newer, or Valkey.")


def _password(broker: Broker) -> Finding:
    check = "broker.password"
    if not broker.open_to_all:
        return well(check, "Redis asks for a password.")
    cure = "Set requirepass there, and redis://:password@host/0 in COLPORTEUR_BROKER_URL."
    if broker.here:
        return note(check, "Redis serves every user of this machine without a password.", cure)
    return wrong(check, "Redis serves whoever reaches it, without a password.", cure)


def _settings(said: Mapping[str, str]) -> Iterator[Finding]:
    policy = said.get("maxmemory-policy", "noeviction")
    if policy == "noeviction":
        yield well("broker.eviction", "Redis throws nothing away when it is full (noeviction).")
    else:
        yield wrong(
            "broker.eviction",
            f"When it is full, Redis throws away what others wait for ({policy}).",
            "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.",
        )
    if said.get("appendonly") == "yes":
        yield well("broker.kept", "Redis keeps what it was told over a restart (appendonly).")
    else:
        yield warning(
            "broker.kept",
            "Redis forgets at a restart (appendonly is no). No mail is lost, but the shared limits "
            "begin anew, and what is due is rung for again some seconds later.",
            "CONFIG SET appendonly yes, and the same in redis.conf.",
        )


def _figures(broker: Broker) -> Iterator[Finding]:
    most, used = (int(broker.figures.get(one) or 0) for one in ("maxmemory", "used_memory"))
    if most and used / most > _FULL:
        yield warning(
            "broker.memory",
            f"Redis holds {used / most:.0%} of what it may.",
            "Raise maxmemory, or see which queue nobody hears.",
        )
    for name in ("aof_last_write_status", "rdb_last_bgsave_status"):
        if broker.figures.get(name, "ok") != "ok":
            yield wrong(
                "broker.disk",
                f"Redis could not write to its disk ({name}).",
                "Free some of its disk, or correct the owner of its folder.",
            )
