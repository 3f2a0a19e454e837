"""Gates against list bombing: how much signing up is let through, for all processes together.

A form is counted by where it came from, a letter by whom it goes to. In Redis where the broker is
one, else in this process; for as long as Redis is away, each process counts for itself.
"""

import enum
import hashlib
import ipaddress
from datetime import timedelta

from colporteur.audience.addresses import EmailAddress
from colporteur.delivery.limits import Limits
from colporteur.delivery.limits.pacing import Rate, refilling
from colporteur.publication.subscribing import SignupLimits

_DOTLESS = frozenset(["gmail.com", "googlemail.com"])
"""Two names of one provider, to whom dots in the local part are nothing."""
_NEVER = Rate("signup:never", 1, 0)
"""Nothing passes it: whoever asks beside it learns of the wait, and spends nothing."""
_SUBNETS = {4: 24, 6: 64}


class Passage(enum.Enum):
    """What the gates say to a letter."""

    OPEN = enum.auto()
    DOMAIN_FULL = enum.auto()
    ALL_FULL = enum.auto()  # the breaker tripped


class Gates:
    """What is let through by the rules of a publication."""

    def __init__(self, limits: Limits, at_most: SignupLimits) -> None:
        self._limits = limits
        self._at_most = at_most

    def form(self, ip: str | None) -> timedelta:
        """Count a form from an IP address; how long it must wait, nothing where it passes."""
        address, subnet = whence(ip)
        rates = [
            refilling(f"signup:ip:{_short(address)}", self._at_most.ip),
            refilling(f"signup:subnet:{_short(subnet)}", self._at_most.subnet),
        ]
        return self._wait(rates)

    def address(self, address: EmailAddress) -> bool:
        """Count a letter to an address; whether it passes. Spellings of a mailbox are one."""
        name = f"signup:to:{_short(mailbox(address))}"
        return not self._wait([refilling(name, self._at_most.address)])

    def domain(self, domain: str) -> bool:
        """Count a letter to a domain; whether it passes."""
        return not self._wait([self._domain(domain)])

    def letter(self, domain: str) -> Passage:
        """Count a letter to a domain, and to anybody; what refuses it counts for neither."""
        breaker = refilling("signup:all", self._at_most.all)
        if not self._wait([self._domain(domain), breaker]):
            return Passage.OPEN
        _, wait = self._limits.take([breaker, _NEVER], 1)
        return Passage.ALL_FULL if wait > _NEVER.interval else Passage.DOMAIN_FULL

    def _domain(self, domain: str) -> Rate:
        return refilling(f"signup:at:{_short(domain)}", self._at_most.domain)

    def _wait(self, rates: list[Rate]) -> timedelta:
        count, wait = self._limits.take(rates, 1)
        return timedelta(0) if count else timedelta(microseconds=max(wait, 1))


def mailbox(address: EmailAddress) -> str:
    """What is equal for addresses that are likely one mailbox: tags and Gmail's dots left out."""
    local, _, domain = address.key.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def whence(ip: str | None) -> tuple[str, str]:
    """An IP address and its neighbourhood: a /24 of IPv4, a /64 of IPv6."""
    try:
        found = ipaddress.ip_address((ip or "").partition("%")[0])
    except ValueError:
        return "unknown", "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    net = ipaddress.ip_network((found, _SUBNETS[found.version]), strict=False)
    return str(found), str(net)


def _short(text: str) -> str:
    """No address of a visitor stands in Redis."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
