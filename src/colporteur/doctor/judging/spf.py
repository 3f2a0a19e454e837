"""Whom a domain's SPF record lets send (RFC 7208), by what checkdmarc read of it."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from colporteur.doctor.finding import Finding, listed, unknown, warning, well, wrong

LOOKUPS_AT_MOST, VOID_AT_MOST = 10, 2  # RFC 7208 section 4.6.4
_BY_SERVICE = {
    "amazonaws.com": ("amazonses.com",),
    "brevo.com": ("brevo.com", "sendinblue.com"),
    "gandi.net": ("gandi.net",),
    "gmail.com": ("google.com",),
    "google.com": ("google.com",),
    "infomaniak.com": ("infomaniak.ch", "infomaniak.com"),
    "mailgun.org": ("mailgun.org",),
    "mailjet.com": ("mailjet.com",),
    "mandrillapp.com": ("mandrillapp.com",),
    "office365.com": ("outlook.com",),
    "ovh.net": ("ovh.com", "ovh.net"),
    "postmarkapp.com": ("mtasv.net",),
    "scw.cloud": ("scaleway.com",),
    "sendgrid.net": ("sendgrid.net",),
}
"""What the SPF of a mail service's customers includes, by the base of its relay's name."""


@dataclass(frozen=True)
class Sending:
    """A relay, the base of its name, and the addresses that it has."""

    relay: str
    base: str
    addresses: tuple[str, ...]
    local: bool = False
    """On this machine: then its addresses are this machine's public ones."""


@dataclass(frozen=True)
class Spf:
    """A domain's record. ``exchangers`` has the addresses of the hosts that ``mx`` names."""

    domain: str
    record: str
    error: str
    lookups: int = 0
    void: int = 0
    parsed: Mapping[str, Any] = field(default_factory=dict)
    exchangers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge_spf(spf: Spf, relays: tuple[Sending, ...]) -> Iterator[Finding]:
    """The findings about a domain that stands in envelopes."""
    check, domain = "dns.spf", spf.domain
    if not spf.record:
        yield wrong(check, _missing(spf), _publish(domain, relays))
        return
    if spf.error:
        yield wrong(
            check, f"The SPF record of {domain} is broken: {spf.error}.", f"It is: {spf.record}"
        )
        return
    if spf.parsed.get("all") == "pass":
        yield wrong(check, f"The SPF of {domain} lets anybody send (+all).", "End it with ~all.")
    if spf.lookups > LOOKUPS_AT_MOST:
        yield wrong(
            check,
            f"The SPF of {domain} takes {spf.lookups} lookups; receivers stop at "
            f"{LOOKUPS_AT_MOST}, and it fails.",
            "Remove includes that nobody sends by any more.",
        )
    if spf.void > VOID_AT_MOST:
        yield warning(
            check,
            f"{spf.void} names in the SPF of {domain} are gone; receivers stop at {VOID_AT_MOST}.",
            "Remove what is gone.",
        )
    for relay in relays:
        yield _relay(spf, relay)


def lets(spf: Spf, address: str) -> bool | None:
    """Whether an address passes; None where that depends on what is not known here."""
    return _result(spf, spf.parsed, ipaddress.ip_address(address)) if spf.parsed else False


def includes(parsed: Mapping[str, Any]) -> Iterator[str]:
    """Every domain that a record includes or hands over to, however deep."""
    for one in parsed.get("mechanisms", ()):
        if one["mechanism"] == "include":
            yield str(one["value"]).lower()
            yield from includes(one.get("parsed") or {})
    redirect = parsed.get("redirect")
    if redirect:
        yield str(redirect["domain"]).lower()
        yield from includes(redirect.get("parsed") or {})


def _relay(spf: Spf, relay: Sending) -> Finding:
    check, domain = "dns.spf", spf.domain
    if not relay.addresses:
        return unknown(
            check,
            f"Whether the SPF of {domain} names the machine on which {relay.relay} is cannot be "
            "told: it has no public address of its own.",
            "See that it names the address that receivers see.",
        )
    found = {one: lets(spf, one) for one in relay.addresses}
    if all(found.values()):
        return well(check, f"The SPF of {domain} lets {relay.relay} send.")
    if _names_service(spf, relay):
        return well(check, f"The SPF of {domain} lets the service of {relay.relay} send.")
    return _unnamed(spf, relay, found)


def _names_service(spf: Spf, relay: Sending) -> bool:
    """Whether it includes what the customers of the relay's service are told to include."""
    if relay.local:
        return False
    bases = (*_BY_SERVICE.get(relay.base, ()), relay.base)
    return any(
        f".{one}".endswith(tuple(f".{base}" for base in bases)) for one in includes(spf.parsed)
    )


def _unnamed(spf: Spf, relay: Sending, found: Mapping[str, bool | None]) -> Finding:
    """Of a relay some of whose addresses do not pass."""
    check, domain = "dns.spf", spf.domain
    missing = [one for one, may in found.items() if may is False]
    if not missing:
        said = f"Whether the SPF of {domain} lets {relay.relay} send depends on its macros."
        return unknown(check, said, f"It is: {spf.record}")
    if any(found.values()):
        said = f"The SPF of {domain} does not name {listed(missing)}, which {relay.relay} has too."
        return warning(check, said, f"Add {_mechanism(missing[0])} to it.")
    said = f"The SPF of {domain} names no address of {relay.relay} ({listed(missing)})"
    if relay.local:
        return wrong(check, f"{said}, so that mail fails it.", f"Add {_mechanism(missing[0])}.")
    host = relay.relay.rpartition(":")[0]
    return warning(
        check,
        f"{said}, nor its service.",
        f"If it sends from there, add a:{host}; a mail service tells what to include.",
    )


def _missing(spf: Spf) -> str:
    why = f" ({spf.error})" if spf.error and "does not exist" not in spf.error else ""
    return f"{spf.domain} has no SPF record that can be used{why}."


def _publish(domain: str, relays: tuple[Sending, ...]) -> str:
    ours = [_mechanism(one) for relay in relays if relay.local for one in relay.addresses]
    others = [
        f"include:{_BY_SERVICE[relay.base][0]}"
        if relay.base in _BY_SERVICE
        else f"a:{relay.relay.rpartition(':')[0]}"
        for relay in relays
        if not relay.local
    ]
    named = " ".join(dict.fromkeys([*ours, *others])) or "ip4:…"
    return f'Publish {domain}. TXT "v=spf1 {named} ~all"; a mail service tells what to include.'


def _mechanism(address: str) -> str:
    return f"ip{ipaddress.ip_address(address).version}:{address}"


def _result(
    spf: Spf, parsed: Mapping[str, Any], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> bool | None:
    """True for a pass, False for anything else; None from where a term cannot be told."""
    doubtful = False
    for one in parsed.get("mechanisms", ()):
        matches = _matches(spf, one, address)
        if matches is None:
            doubtful = True
        elif matches:
            return None if doubtful else one["action"] == "pass"
    redirect = parsed.get("redirect")
    if redirect and redirect.get("parsed"):
        found = _result(spf, redirect["parsed"], address)
    else:
        found = parsed.get("all") == "pass"
    return None if doubtful and not found else found


def _matches(
    spf: Spf, one: Mapping[str, Any], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> bool | None:
    kind, value = one["mechanism"], str(one.get("value") or "")
    if kind in {"ip4", "ip6"}:
        return address in ipaddress.ip_network(value, strict=False)
    if kind in {"a", "mx"}:
        hosts: tuple[str, ...] = tuple(one.get("addresses") or ())
        for host in one.get("hosts") or ():
            hosts += spf.exchangers.get(host["hostname"], ())
        return any(address in _network(host, value) for host in hosts)
    if kind == "include":
        return _result(spf, one.get("parsed") or {}, address)
    return None  # exists, ptr: they depend on the message


def _network(host: str, value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A host with the prefix that an ``a`` or ``mx`` gives: ``a:host/24//64`` (section 5.6)."""
    _, _, prefixes = value.partition("/")
    four, _, six = (
        prefixes.partition("//") if not prefixes.startswith("/") else ("", "", prefixes[1:])
    )
    prefix = six if ":" in host else four
    return ipaddress.ip_network(f"{host}/{prefix}" if prefix else host, strict=False)
