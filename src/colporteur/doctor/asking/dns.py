"""What DNS says of the domains that mail comes from and goes back to."""

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from typing import Any

from colporteur.config.relay import Relay
from colporteur.doctor.judging.dmarc import Dmarc
from colporteur.doctor.judging.exchange import Exchange, Pointed
from colporteur.doctor.judging.spf import Sending, Spf
from colporteur.doctor.names import Names

_ROOTS = ("198.41.0.4", "2001:503:ba3e::2:30")
"""Two of a root server's. Nothing is sent: the system is asked by which way it would be."""


def look_at_spf(names: Names, domain: str) -> Spf:
    """A domain's SPF record, with all that it includes.

    Raises:
        ServiceUnavailable: the name servers do not answer.
    """
    from checkdmarc import spf, utils  # noqa: PLC0415 - 0.5 s, and no other command needs it

    utils.DNS_CACHE.clear()
    names.texts(domain)  # whether anybody answers: what follows takes silence for no record
    found = spf.check_spf(domain, resolver=names.resolver, retries=0)
    parsed = found.get("parsed") or {}
    return Spf(
        domain=domain,
        record=found.get("record") or "",
        error=str(found.get("error") or "").rstrip("."),
        lookups=found.get("dns_lookups") or 0,
        void=found.get("void_dns_lookups") or 0,
        parsed=parsed,
        exchangers={host: names.addresses(host) for host in set(_exchangers(parsed))},
    )


def look_at_dmarc(names: Names, domain: str, signed_by: str, enveloped_by: str) -> Dmarc:
    """The DMARC record that holds for a sender's domain, its own or one above it.

    Raises:
        ServiceUnavailable: the name servers do not answer.
    """
    from checkdmarc import dmarc, utils  # noqa: PLC0415 - the same

    utils.DNS_CACHE.clear()
    names.texts(f"_dmarc.{domain}")
    found: Any = dmarc.check_dmarc(domain, resolver=names.resolver, retries=0)
    known = [one for one in (domain, signed_by, enveloped_by) if one]
    return Dmarc(
        domain=domain,
        record=found.get("record") or "",
        error=str(found.get("error") or "").rstrip("."),
        tags={
            key: str(tag.get("value"))
            for key, tag in (found.get("tags") or {}).items()
            if tag.get("value")
        },
        warnings=tuple(found.get("warnings") or ()),
        signed_by=signed_by,
        enveloped_by=enveloped_by,
        bases={one: base_of(one) for one in known},
    )


def look_at_exchange(names: Names, domain: str) -> Exchange:
    """Who takes mail for a domain.

    Raises:
        ServiceUnavailable: the name servers do not answer.
    """
    hosts = names.exchangers(domain)
    found = {host: () if host == "." else names.addresses(host) for host in hosts}
    return Exchange(domain, found, () if hosts else names.addresses(domain))


def look_at_sending(names: Names, relay: Relay) -> Sending:
    """A relay's addresses; this machine's public ones where it is here.

    Raises:
        ServiceUnavailable: the name servers do not answer.
    """
    if relay.loopback:
        return Sending(relay.name, "", tuple(own_addresses()), local=True)
    return Sending(relay.name, base_of(relay.host), names.addresses(relay.host))


def look_at_pointed(names: Names, sending: Sending, address: str) -> Pointed:
    """What an address is called, and what of that leads back.

    Raises:
        ServiceUnavailable: the name servers do not answer.
    """
    called = names.pointers(address)
    back = tuple(one for one in called if address in names.addresses(one))
    return Pointed(address, sending.relay, called, back, local=sending.local)


def own_addresses() -> Iterator[str]:
    """The public addresses by which this machine would send; none behind a router that translates."""
    for root in _ROOTS:
        family = socket.AF_INET6 if ":" in root else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asked:
                asked.connect((root, 53))
                found = str(asked.getsockname()[0])
        except OSError:
            continue
        if ipaddress.ip_address(found).is_global:
            yield found


def base_of(domain: str) -> str:
    """The domain that somebody registered: what is one below a public suffix such as co.uk."""
    from checkdmarc.utils import get_base_domain  # noqa: PLC0415 - the same

    return str(get_base_domain(domain))


def _exchangers(parsed: Any) -> Iterable[str]:
    for one in parsed.get("mechanisms", ()):
        for host in one.get("hosts") or ():
            yield host["hostname"]
        yield from _exchangers(one.get("parsed") or {})
    redirect = parsed.get("redirect")
    if redirect:
        yield from _exchangers(redirect.get("parsed") or {})
