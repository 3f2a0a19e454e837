"""The address of an SMTP relay: ``smtp://user:password@host:587?starttls=require``."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from colporteur.exceptions import ConfigurationError

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_STARTTLS = {"require", "no"}
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Relay:
    """Where a relay is and how to speak to it. Beyond loopback, TLS is required by default."""

    host: str
    port: int
    user: str
    password: str
    implicit_tls: bool
    starttls: bool

    @property
    def name(self) -> str:
        """Its address without secrets."""
        return f"{self.host}:{self.port}"


def parse_relay(url: str) -> Relay:
    """Read a relay's address.

    Raises:
        ConfigurationError: it is not of that shape.
    """
    try:
        return read_relay(url)
    except ValueError as error:
        raise ConfigurationError(
            f"COLPORTEUR_MAIL_URL {error}.",
            cure="Example: smtp://user:password@relay.example.org:587?starttls=require",
        ) from None


def read_relay(url: str) -> Relay:
    """Read a relay's address; a ValueError says what is wrong with it, never its secrets."""
    parts = split(url)
    port = port_of(parts)
    if not parts.hostname:
        raise ValueError("names no host")
    wanted = _starttls(parts)
    implicit = parts.scheme == "smtps"
    beyond = parts.hostname not in _LOOPBACK
    usual = _PORTS["smtps"] if implicit else _PORTS["smtp"] if beyond else 25
    return Relay(
        host=parts.hostname,
        port=port or usual,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        starttls=not implicit and (wanted == "require" or (wanted == "" and beyond)),
    )


def split(url: str) -> SplitResult:
    """The parts of an address; the ValueError of a malformed one shows nothing of it."""
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("is no address") from None


def port_of(parts: SplitResult) -> int | None:
    """The port of an address, if it has one."""
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        hint = "in a password, write /, ? and # as %2F, %3F and %23"
        raise ValueError(f"has a port that is no number from 1 to 65535; {hint}")
    return port


def _starttls(parts: SplitResult) -> str:
    options = parse_qs(parts.query, keep_blank_values=True)
    wanted = options.pop("starttls", [""])[-1]
    if options:
        raise ValueError(f"has the unknown option {min(options)}; the one there is: starttls")
    if wanted not in {"", *_STARTTLS}:
        raise ValueError("has a starttls that is neither require nor no")
    return wanted
