"""Who writes and how to leave: what the law and large mail providers ask of every mail."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.material import Letterhead

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def check(letterhead: Letterhead) -> Iterator[Finding]:
    """A sender's name, a postal address, and one click to leave over HTTPS (RFC 8058)."""
    if not letterhead.postal_address.strip():
        yield Finding(
            ERROR,
            "postal-address",
            "The mail has no postal address of its sender.",
            f"Write one for {letterhead.language!r} into postal_address, or the channel's own.",
        )
    if not letterhead.sender_name.strip():
        yield Finding(
            ERROR,
            "sender",
            "The sender has no name: readers see a bare address.",
            "Write a name into sender.",
        )
    parts = urlsplit(letterhead.site)
    if letterhead.real_relay and parts.scheme != "https":
        severity = WARNING if parts.hostname in _THIS_MACHINE else ERROR
        yield Finding(
            severity,
            "unsubscribe-link",
            f"The link to unsubscribe is not HTTPS ({letterhead.site}): Gmail and Yahoo take "
            "that for spam.",
            "Serve the site over HTTPS, and set COLPORTEUR_BASE_URL to it.",
        )
