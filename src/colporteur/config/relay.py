"""Addresses of SMTP relays: ``smtp://user:password@host:587?starttls=require&limit=300/day``."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from colporteur.config.limit import Limit, parse_limit
from colporteur.exceptions import ConfigurationError

_STARTTLS = {"require", "no"}
_PORTS = {"smtp": 587, "smtps": 465}
_OPTIONS = ("starttls", "weight", "limit", "connections", "messages")
_MOST = 100_000  # of anything that is counted
_HINT = "in a password, write /, ? and # as %2F, %3F and %23"


@dataclass(frozen=True)
class Relay:
    """Where a relay is, how to speak to it and how much it takes.

    Beyond loopback, TLS is required by default. ``weight`` is its share among several;
    ``connections`` may be open to it at a time, ``messages`` go over each; None: any number.
    """

    host: str
    port: int
    user: str
    password: str
    implicit_tls: bool
    starttls: bool
    weight: int = 1
    limits: tuple[Limit, ...] = ()
    connections: int | None = None
    messages: int | None = None

    @property
    def name(self) -> str:
        """Its address without secrets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine, so that nobody listens on the way."""
        return is_loopback(self.host)

    def __repr__(self) -> str:
        """Its name: a relay may stand in a log, its password may not."""
        return f"Relay({self.name})"


def parse_relay(url: str) -> Relay:
    """Read one relay's address.

    Raises:
        ConfigurationError: it is not of that shape.
    """
    return parse_relays(url)[0]


def parse_relays(urls: str) -> tuple[Relay, ...]:
    """Read the addresses of relays, separated by white space; at least one.

    Raises:
        ConfigurationError: one is not of that shape, or two are of the same relay.
    """
    try:
        return read_relays(urls)
    except ValueError as error:
        raise ConfigurationError(
            f"COLPORTEUR_MAIL_URL {error}.",
            cure="Example: smtp://user:password@relay.example.org:587?starttls=require",
        ) from None


def read_relays(urls: str) -> tuple[Relay, ...]:
    """Read relays' addresses; a ValueError says what is wrong with them, never their secrets."""
    relays = tuple(read_relay(url) for url in urls.split())
    if not relays:
        raise ValueError("names no relay")
    names = [relay.name for relay in relays]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"names {twice} twice; give it a larger weight instead")
    return relays


def read_relay(url: str) -> Relay:
    """Read a relay's address; a ValueError says what is wrong with it, never its secrets."""
    parts = split(url)
    if parts.scheme not in _PORTS:
        raise ValueError("must start with maildir:, smtp:// or smtps://")
    port = port_of(parts)
    nothing_cut(parts)
    if not parts.hostname:
        raise ValueError("names no host")
    options = _options(parts)
    wanted = _starttls(options.get("starttls", []))
    implicit = parts.scheme == "smtps"
    beyond = not is_loopback(parts.hostname)
    if parts.username and beyond and not implicit and wanted == "no":
        raise ValueError("has a user and starttls=no: a password would go out in clear")
    usual = _PORTS["smtps"] if implicit else _PORTS["smtp"] if beyond else 25
    return Relay(
        host=parts.hostname,
        port=port or usual,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        starttls=not implicit and (wanted == "require" or (wanted == "" and beyond)),
        weight=_number("weight", options) or 1,
        limits=tuple(parse_limit(text) for text in options.get("limit", [])),
        connections=_number("connections", options),
        messages=_number("messages", options),
    )


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split(url: str) -> SplitResult:
    """The parts of an address; the ValueError of a malformed one shows nothing of it."""
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("is no address") from None


def nothing_cut(parts: SplitResult) -> None:
    """Refuse an address whose password ends its first part: half of it would be the host."""
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise ValueError(f"has an @ after its host; {_HINT}")


def port_of(parts: SplitResult) -> int | None:
    """The port of an address, if it has one."""
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"has a port that is no number from 1 to 65535; {_HINT}")
    return port


def _options(parts: SplitResult) -> dict[str, list[str]]:
    options = parse_qs(parts.query, keep_blank_values=True)
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise ValueError(
            f"has the unknown option {unknown[0]}; those there are: {', '.join(_OPTIONS)}"
        )
    for name in set(options) - {"limit"}:
        if len(options[name]) > 1:
            raise ValueError(f"has the option {name} twice")
    return options


def _starttls(values: Sequence[str]) -> str:
    wanted = values[-1] if values else ""
    if wanted not in {"", *_STARTTLS}:
        raise ValueError("has a starttls that is neither require nor no")
    return wanted


def _number(name: str, options: dict[str, list[str]]) -> int | None:
    if name not in options:
        return None
    text = options[name][-1]
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise ValueError(f"has a {name} that is no number from 1 to {_MOST:,}")
    return int(text)
