"""Which addresses may be fetched: http(s) on the public Internet. Pure.

Whoever names a source or a callback must not reach what only our own network reaches (SSRF).
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from colporteur.exceptions import FetchRefused

URL_AT_MOST = 2000
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Site-local (RFC 3879) and documentation (RFC 9637): not every Python knows that they lead nowhere.
_NOWHERE = tuple(ipaddress.IPv6Network(text) for text in ("fec0::/10", "3fff::/20"))
# Where other protocols listen, which a request could be taken for: the Fetch Standard's bad ports.
_BAD_PORTS = """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111
    113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540
    548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000
    6566 6665 6666 6667 6668 6669 6679 6697 10080
"""
_OTHERS = frozenset(int(port) for port in _BAD_PORTS.split())
_HOST_AT_MOST = 253  # RFC 1035 section 2.3.4, without the dot at the end
_AS_THEY_ARE = "/%:=&?~#+!$,;'@()*[]"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """An address taken apart; ``host`` in ASCII (IDNA), ``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address, whole again and without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_target(url: str) -> Target:
    """Take an address apart.

    Raises:
        FetchRefused: not http(s), too long, with a password, at another protocol's port, or no
            address at all.
    """
    target = _taken_apart(url) if len(url) <= URL_AT_MOST else None
    if target is None:
        raise FetchRefused(
            f"{url[:200]!r} is no address that can be fetched.",
            cure="Give a whole http:// or https:// address, without user and password.",
        )
    if target.port in _OTHERS:
        raise FetchRefused(
            f"Port {target.port} is another protocol's.",
            cure="Give an address with a port of its own, or without one.",
        )
    return target


def _taken_apart(url: str) -> Target | None:
    if any(not char.isprintable() or char == " " for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("ascii" if "[" in parts.netloc else "idna")
        usual = _PORTS[parts.scheme]
        port = usual if parts.port is None else parts.port
    except (ValueError, KeyError):
        return None
    if not 0 < len(host.rstrip(b".")) <= _HOST_AT_MOST or parts.username is not None:
        return None
    path = quote(parts.path or "/", safe=_AS_THEY_ARE)
    query = f"?{quote(parts.query, safe=_AS_THEY_ARE)}" if parts.query else ""
    return Target(parts.scheme, host.decode("ascii"), port, path + query)


def allowed(addresses: Iterable[str], *, loopback: bool) -> Iterator[str]:
    """Those of a host's addresses that are public; this machine's where ``loopback`` says so."""
    for text in addresses:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
        public = address.is_global and not address.is_multicast and not address.is_reserved
        public = public and not any(address in network for network in _NOWHERE)
        if public or (loopback and address.is_loopback):
            yield text


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
