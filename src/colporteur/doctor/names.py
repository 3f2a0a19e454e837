"""Asks name servers: what DNS says of a name, or that it says nothing, or that nobody answers."""

import ipaddress
from collections.abc import Iterable

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

from colporteur.exceptions import ConfigurationError, ServiceUnavailable

ANSWER_WITHIN_S = 5.0
_PORT = 53
_SILENT_FROM = 2
"""Questions in a row without an answer: then the others are not asked, and nobody waits."""
_NOTHING = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.name.LabelTooLong,
    dns.name.EmptyLabel,
)


class Names:
    """The system's name servers, or one that is given as ``9.9.9.9`` or ``127.0.0.1:5353``.

    Each method gives an empty answer where there is nothing of that name, and raises
    ServiceUnavailable where nobody answers: those two must not be mixed up.
    """

    def __init__(self, server: str | None = None) -> None:
        """Know whom to ask.

        Raises:
            ConfigurationError: the server is no address, or the system names none.
        """
        self.resolver = _resolver(server)
        self._unanswered = 0  # questions in a row

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, each with its strings joined."""
        found = self._ask(name, "TXT")
        return tuple(b"".join(one.strings).decode("utf-8", "replace") for one in found)

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 and IPv6 addresses; those of an address are itself."""
        if is_address(name):
            return (name.strip("[]"),)
        return tuple(str(one) for kind in ("A", "AAAA") for one in self._ask(name, kind))

    def exchangers(self, name: str) -> tuple[str, ...]:
        """The hosts that take mail for a domain, the preferred first; ``.`` is RFC 7505's nobody."""
        found = sorted(self._ask(name, "MX"), key=lambda one: one.preference)
        return tuple(str(one.exchange).rstrip(".") or "." for one in found)

    def pointers(self, address: str) -> tuple[str, ...]:
        """What an address is called (PTR)."""
        return tuple(
            str(one).rstrip(".")
            for one in self._ask(dns.reversename.from_address(address).to_text(), "PTR")
        )

    def _ask(self, name: str, kind: str) -> Iterable[dns.resolver.Answer]:
        if self._unanswered >= _SILENT_FROM:
            raise _untold(name, kind, "they are silent")
        try:
            found = list(self.resolver.resolve(name, kind, search=False))
        except dns.exception.Timeout:
            self._unanswered += 1
            raise _untold(name, kind, "they do not answer in time") from None
        except _NOTHING:
            found = []
        except (dns.exception.DNSException, OSError) as error:
            raise _untold(name, kind, str(error).rstrip(".")[:200]) from None
        self._unanswered = 0
        return found


def _untold(name: str, kind: str, why: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"The name servers do not tell the {kind} of {name}: {why}.",
        cure="Try again, or ask others: colporteur doctor --nameserver 9.9.9.9",
    )


def is_address(name: str) -> bool:
    """Whether a host is given by its address."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _resolver(server: str | None) -> dns.resolver.Resolver:
    try:
        found = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration:
        raise ConfigurationError(
            "This system names no name servers.", cure="Give one: --nameserver 9.9.9.9"
        ) from None
    if server is not None:
        host, port = _host_and_port(server)
        found.nameservers, found.port = [host], port
    found.lifetime, found.timeout = ANSWER_WITHIN_S, ANSWER_WITHIN_S / 2
    return found


def _host_and_port(server: str) -> tuple[str, int]:
    host, port = server, str(_PORT)
    if not is_address(server):
        host, _, port = server.rpartition(":")
    if not is_address(host) or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004
        raise ConfigurationError(
            f"{server!r} is no name server's address.", cure="Example: 9.9.9.9 or [::1]:5353"
        )
    return host.strip("[]"), int(port)
