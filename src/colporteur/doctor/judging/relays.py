"""What is wrong with a relay that was tried."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from colporteur.config.relay import Relay
from colporteur.delivery.transports.smtp.trying import Tried
from colporteur.doctor.finding import Finding, note, warning, well, wrong

_SOON, _NOW = timedelta(days=14), timedelta(days=3)
_OLD_TLS = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
_SIZE_AT_LEAST = 1_000_000
"""Octets: a digest of 80 KB with its text, and room for a special edition's."""


def judge_relay(relay: Relay, tried: Tried, sender: str, now: datetime) -> Iterator[Finding]:
    """The findings about one that serves."""
    # Not as whom: of some services the user is as secret as the password.
    how = ", signed in" if relay.user else ""
    yield well("relay.login", f"The relay {relay.name} serves us{how}.")
    if tried.sender_refused:
        yield wrong(
            "relay.sender",
            f"{relay.name} does not take mail from {sender}: {tried.sender_refused}",
            "Have this sender, or its domain, confirmed there.",
        )
    else:
        yield well("relay.sender", f"{relay.name} takes mail from {sender}.")
    yield _tls(relay, tried)
    if tried.certificate_ends is not None:
        yield judge_certificate("relay.certificate", relay.name, tried.certificate_ends, now)
    if not tried.pipelining:
        yield note(
            "relay.speed",
            f"{relay.name} takes one command at a time (no PIPELINING): sending is slower.",
        )
    if tried.size is not None and 0 < tried.size < _SIZE_AT_LEAST:
        yield warning(
            "relay.size",
            f"{relay.name} takes no message above {tried.size} octets.",
            "Have its limit raised: message_size_limit in Postfix.",
        )


def judge_certificate(check: str, whose: str, ends: datetime, now: datetime) -> Finding:
    """How long a certificate is good for that was good today."""
    left = ends - now
    said = f"The certificate of {whose} ends on {ends:%Y-%m-%d}, in {max(left.days, 0)} days"
    if left < _NOW:
        return wrong(check, f"{said}.", "Renew it now, and see why nothing did.")
    if left < _SOON:
        return warning(check, f"{said}.", "See that what renews it runs.")
    return well(check, f"{said}.")


def _tls(relay: Relay, tried: Tried) -> Finding:
    if tried.protocol in _OLD_TLS:
        return warning(
            "relay.tls", f"{relay.name} speaks {tried.protocol}.", "Have it speak TLS 1.2 or 1.3."
        )
    if tried.protocol:
        return well("relay.tls", f"{relay.name} is spoken to in {tried.protocol}, verified.")
    if relay.loopback:
        return well("relay.tls", f"{relay.name} is on this machine: nobody listens on the way.")
    return warning(
        "relay.tls",
        f"Mail goes to {relay.name} in clear (starttls=no).",
        "Remove starttls=no from COLPORTEUR_MAIL_URL.",
    )
