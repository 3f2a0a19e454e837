"""What every answer asks of browsers, whoever made it: feeds, pages, newsroom, API, errors.

An answer that says more itself keeps what it says. docs/threat-model.md tells what each is for.
"""

from collections.abc import Callable, Sequence

from starlette.types import Message, Scope, Send

from colporteur.web.policy import POLICY

Header = tuple[bytes, bytes]

# A year (RFC 6797). Nothing of subdomains: whose they are, this site does not know.
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
_EVERYWHERE: Sequence[Header] = (
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", _PERMISSIONS.encode()),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
# What mails and readers' programs show: they are loaded from elsewhere.
_FOR_ELSEWHERE = ("/feeds/", "/feeds.opml", "/images/", "/static/")
_FRAMED_BY_US = b"frame-ancestors 'self'"
_FOR_ONE_READER = "/feeds/private/"
FOR_DOCUMENTS = (
    ("content-security-policy", "default-src 'none'"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)
"""What a feed itself says: few bytes, since it is sent so often."""


def safeguarded(scope: Scope, send: Send) -> Send:
    """A ``send`` whose answer to this request carries them."""
    path, https = str(scope.get("path", "")), _https(scope)
    return _sending(send, lambda said: lacking(said, path, https=https))


def kept_to_tls(scope: Scope, send: Send) -> Send:
    """A ``send`` for stored documents, which carry what they need: no poll pays for pages' own."""
    return _sending(send, lambda _: [_HSTS]) if _https(scope) else send


def _sending(send: Send, more: Callable[[Sequence[Header]], Sequence[Header]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = list(message.get("headers", ()))
            message = {**message, "headers": [*said, *more(said)]}
        await send(message)

    return sending


def _https(scope: Scope) -> bool:
    return scope.get("scheme") == "https"


def lacking(said: Sequence[Header], path: str, *, https: bool) -> list[Header]:
    """Which headers an answer lacks that comes from a path. Pure."""
    own = {name.lower(): value for name, value in said}
    policy = own.get(b"content-security-policy", b"")
    wanted = [
        *_EVERYWHERE,
        (b"x-frame-options", b"SAMEORIGIN" if _FRAMED_BY_US in policy else b"DENY"),
        (b"cross-origin-resource-policy", _who_may_load(path)),
        *([_HSTS] if https else []),
    ]
    return [(name, value) for name, value in wanted if name not in own]


def _who_may_load(path: str) -> bytes:
    elsewhere = path.startswith(_FOR_ELSEWHERE) and not path.startswith(_FOR_ONE_READER)
    return b"cross-origin" if elsewhere else b"same-origin"
