"""Whom requests are counted by, and whether they came by themselves."""

import ipaddress

from starlette.requests import Request

_PROXY_HEADERS = {"forwarded", "via", "x-real-ip"}
_IPV6_PREFIX = 64  # what one customer has at the least


def client_of(request: Request) -> str:
    """Whom to count: an IPv4 address, or the IPv6 network that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))


def past_a_proxy(request: Request) -> bool:
    """Whether a proxy says that it passed the request on; not every one does."""
    return any(one in _PROXY_HEADERS or one.startswith("x-forwarded-") for one in request.headers)
