"""What readers meet at the site's public address, and whether a click there unsubscribes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from colporteur.config.relay import is_loopback
from colporteur.doctor.finding import Finding, listed, note, unknown, warning, well, wrong
from colporteur.doctor.judging.clocks import judge_clock
from colporteur.doctor.judging.relays import judge_certificate


class OneClick(StrEnum):
    """What came of POSTs to made-up links that unsubscribe nobody (RFC 8058)."""

    OURS = "ours"
    OTHER_KEY = "another key"
    REDIRECTED = "redirected"
    ELSEWHERE = "elsewhere"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Door:
    """An address of the site: why it does not serve ('' where it does), and its certificate."""

    address: str
    public: bool
    trouble: str
    certificate_ends: datetime | None


@dataclass(frozen=True)
class Site:
    """The site as it was met at its public address."""

    url: str
    encrypted: bool
    doors: tuple[Door, ...]
    alive: bool
    status: int
    one_click: OneClick
    ahead: timedelta | None
    """The clock of what answers, against ours; None where it does not tell."""


_REACHED = (
    "It was asked from this machine by its public address; whether others get through, such as "
    "past a firewall or a list of countries, cannot be known from here."
)


def judge_own_machine(url: str, *, real: bool) -> Finding:
    """A site that stands at an address of this machine alone."""
    if not real:
        return note(
            "site.address", f"The site is at {url}, for this machine alone, as mail is too."
        )
    return wrong(
        "site.address",
        f"The site's address is {url}: the links in mails lead readers to their own machines.",
        "Set COLPORTEUR_BASE_URL to its public address.",
    )


def judge_site(site: Site, now: datetime) -> Iterator[Finding]:
    """The findings about a site that has an address of its own."""
    yield from _address(site)
    yield from _doors(site, now)
    if not any(not one.trouble for one in site.doors):
        return
    if site.alive:
        yield well("site.serves", f"{site.url} is answered by Colporteur.")
        yield unknown("site.outside", _REACHED)
    else:
        yield wrong(
            "site.serves",
            f"{site.url}/healthz is answered with {site.status or 'nothing'}, not by Colporteur.",
            "See that the proxy hands every path on to `colporteur web`: docs/operators.md.",
        )
    yield _one_click(site)
    if site.ahead is not None:
        yield judge_clock("clock.site", "The clock of what answers there", site.ahead)


def judge_proxies(*, encrypted: bool, trusted: str, host: str) -> Finding:
    """Who says from where a visitor comes; ``host`` is the address that the web listens on."""
    check = "site.proxies"
    if encrypted and not trusted:
        return warning(
            check,
            "The site is encrypted by a proxy in front, whose X-Forwarded-* are not believed: all "
            "visitors seem to be one, and share the limits of one.",
            "Name the proxy's address in COLPORTEUR_TRUSTED_PROXIES.",
        )
    if trusted == "*" and not is_loopback(host):
        return warning(
            check,
            f"Everybody who reaches {host} can say that they are somebody else "
            "(COLPORTEUR_TRUSTED_PROXIES is *).",
            "Name the proxy's address there, or have only the proxy reach it.",
        )
    return well(check, f"X-Forwarded-* are believed of {trusted or 'nobody'}.")


def _address(site: Site) -> Iterator[Finding]:
    check = "site.address"
    if not site.doors:
        yield wrong(
            check,
            f"{site.url} has no address in DNS: no link of any mail works.",
            "Publish an A and, if you have one, an AAAA record for it.",
        )
    elif not any(one.public for one in site.doors):
        yield wrong(
            check,
            f"{site.url} is at {listed(one.address for one in site.doors)}, which only your own "
            "network reaches.",
            "Give it a public address, or correct COLPORTEUR_BASE_URL.",
        )
    if not site.encrypted:
        yield wrong(
            check,
            f"{site.url} is not encrypted, and one-click unsubscribing counts only with https.",
            "Put a proxy with TLS in front, and https:// into COLPORTEUR_BASE_URL.",
        )


def _doors(site: Site, now: datetime) -> Iterator[Finding]:
    closed = [one for one in site.doors if one.trouble]
    for one in closed:
        say = wrong if len(closed) == len(site.doors) else warning
        said = f"{site.url} does not serve at {one.address}: {one.trouble}."
        yield say("site.reached", said, "Have it serve there, or take the address out of DNS.")
    if site.doors and not closed:
        yield well("site.reached", f"It serves at {listed(one.address for one in site.doors)}.")
    ends = [one.certificate_ends for one in site.doors if one.certificate_ends is not None]
    if ends:
        yield judge_certificate("site.certificate", site.url, min(ends), now)


def _one_click(site: Site) -> Finding:
    check = "site.unsubscribe"
    match site.one_click:
        case OneClick.OURS:
            return well(check, "A List-Unsubscribe of ours is understood there (POST, RFC 8058).")
        case OneClick.OTHER_KEY:
            return wrong(
                check,
                "A List-Unsubscribe of ours is not understood there: it has another secret key.",
                "Give the same COLPORTEUR_SECRET_KEY to every machine.",
            )
        case OneClick.REDIRECTED:
            return wrong(
                check,
                "A POST to a List-Unsubscribe is redirected, which mail providers do not follow.",
                "Set COLPORTEUR_BASE_URL to the address that it leads to.",
            )
        case OneClick.ELSEWHERE:
            return wrong(
                check,
                "A POST to a List-Unsubscribe does not reach Colporteur there.",
                "See that the proxy lets POST /unsubscribe/… through, without a login or a test.",
            )
    return unknown(check, "Whether a List-Unsubscribe is understood there was not answered.")
