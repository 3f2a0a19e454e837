"""What is asked of relays, of name servers, and of the site at its public address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

from colporteur.audience.addresses import on_the_wire
from colporteur.clock import utcnow
from colporteur.config.relay import Relay
from colporteur.delivery.transports.smtp import Timeouts
from colporteur.delivery.transports.smtp.trying import try_relay
from colporteur.doctor.asking import dns
from colporteur.doctor.asking.clocks import ahead_of_us
from colporteur.doctor.asking.site import look_at_site, on_this_machine
from colporteur.doctor.finding import Finding, note, unknown, wrong
from colporteur.doctor.installation import Installation, Known, guarded
from colporteur.doctor.judging.clocks import judge_clock
from colporteur.doctor.judging.dkim import judge_dkim
from colporteur.doctor.judging.dmarc import judge_dmarc
from colporteur.doctor.judging.exchange import judge_exchange, judge_pointed, no_public_address
from colporteur.doctor.judging.relays import judge_relay
from colporteur.doctor.judging.site import judge_own_machine, judge_proxies, judge_site
from colporteur.doctor.judging.spf import Sending, judge_spf
from colporteur.doctor.names import Names
from colporteur.publication import Publication

PATIENCE = Timeouts(connect=8, greeting=10, command=10, check=5, quit=2)
_CLOCKS_AT_MOST = 3
_OFFLINE = "Not asked (--offline)."


@dataclass(frozen=True)
class _Domains:
    """Domains that mail names: of senders and answers, and of envelopes."""

    senders: tuple[str, ...]
    answers: tuple[str, ...]
    envelopes: tuple[str, ...]


def relays(patient: Installation, known: Known) -> Iterator[Finding]:
    """Each relay, as far as one can try it without a message."""
    if not patient.real:
        return
    if patient.names is None:
        yield unknown("relay.login", _OFFLINE)
        return
    sender = _envelope_sender(patient, known)
    for relay in patient.settings.relays:
        yield from guarded("relay.login", partial(_relay, patient, relay, sender), wrong)


def names(patient: Installation, known: Known) -> Iterator[Finding]:
    """SPF, DKIM, DMARC, MX and PTR."""
    if not patient.real:
        yield note("dns.asked", "Nothing is asked of DNS while mail stays on this machine.")
        return
    if patient.names is None:
        yield unknown("dns.asked", _OFFLINE)
        return
    if known.publication is None:
        yield unknown("dns.asked", "Whose domains to ask for is not known without a publication.")
        return
    asked, domains = patient.names, _domains_of(patient, known.publication)
    sending: list[Sending] = []
    for relay in patient.settings.relays:
        yield from guarded("dns.relay", partial(_sending, asked, relay, sending))
    for domain in domains.envelopes:
        yield from guarded("dns.spf", partial(_spf, asked, domain, tuple(sending)))
    yield from _dkim(patient, asked)
    for domain in domains.senders:
        yield from guarded("dns.dmarc", partial(_dmarc, patient, asked, domain))
    yield from _exchanges(patient, asked, domains)
    for one in sending:
        yield from _pointed(asked, one)


def site(patient: Installation, known: Known) -> Iterator[Finding]:
    """The site, its certificate, and whether a click there unsubscribes."""
    if not known.site:
        yield unknown("site.address", "Where the site is is not known without a publication.")
        return
    if on_this_machine(known.site) and not patient.settings.fetch_loopback:
        yield judge_own_machine(known.site, real=patient.real)
        return
    yield _proxies(patient, known)
    if patient.names is None:
        yield unknown("site.address", _OFFLINE)
    else:
        asked = patient.names
        yield from guarded(
            "site.address",
            lambda: judge_site(
                look_at_site(asked, known.site, patient.settings, patient.tls), utcnow()
            ),
        )


def _proxies(patient: Installation, known: Known) -> Finding:
    settings = patient.settings
    encrypted = known.site.startswith("https:")
    return judge_proxies(encrypted=encrypted, trusted=settings.trusted_proxies, host=settings.host)


def clock(patient: Installation, known: Known) -> Iterator[Finding]:
    """Our clock against that of a server elsewhere, one that is polled anyway."""
    if not patient.real or patient.names is None or known.publication is None:
        return
    sources = (one.url for channel in known.publication.channels for one in channel.sources)
    for url in islice(sources, _CLOCKS_AT_MOST):
        ahead = ahead_of_us(url, patient.settings)
        if ahead is not None:
            yield judge_clock("clock.elsewhere", f"The clock of {urlsplit(url).hostname}", ahead)
            return


def _relay(patient: Installation, relay: Relay, sender: str) -> Iterable[Finding]:
    tried = try_relay(relay, sender, PATIENCE, patient.tls)
    return list(judge_relay(relay, tried, sender, utcnow()))


def _envelope_sender(patient: Installation, known: Known) -> str:
    """Who stands in envelopes: an address of the bounce domain's, else the publication's sender."""
    if patient.settings.bounce_domain:
        return f"bounces@{patient.settings.bounce_domain}"
    return on_the_wire(known.publication.sender.address) if known.publication else ""


def _domains_of(patient: Installation, publication: Publication) -> _Domains:
    channels = [one.sender for one in publication.channels if one.sender]
    senders = [publication.sender, *publication.senders.values(), *channels]
    found = tuple(dict.fromkeys(_domain(one.address) for one in senders))
    answers = (_domain(publication.reply_to),) if publication.reply_to else ()
    bounces = patient.settings.bounce_domain
    return _Domains(found, answers, (bounces,) if bounces else found)


def _domain(address: str) -> str:
    return on_the_wire(address).rpartition("@")[2].lower()


def _sending(asked: Names, relay: Relay, into: list[Sending]) -> Iterable[Finding]:
    into.append(dns.look_at_sending(asked, relay))
    return ()


def _spf(asked: Names, domain: str, sending: tuple[Sending, ...]) -> Iterable[Finding]:
    return judge_spf(dns.look_at_spf(asked, domain), sending)


def _dkim(patient: Installation, asked: Names) -> Iterator[Finding]:
    settings = patient.settings
    if settings.dkim_domain:
        name = f"{settings.dkim_selector}._domainkey.{settings.dkim_domain}"
        yield from guarded(
            "dns.dkim", lambda: judge_dkim(name, asked.texts(name), settings.dkim_key)
        )


def _dmarc(patient: Installation, asked: Names, domain: str) -> Iterable[Finding]:
    settings = patient.settings
    enveloped_by = settings.bounce_domain or domain
    return judge_dmarc(dns.look_at_dmarc(asked, domain, settings.dkim_domain, enveloped_by))


def _exchanges(patient: Installation, asked: Names, domains: _Domains) -> Iterator[Finding]:
    for domain in dict.fromkeys((*domains.senders, *domains.answers)):
        why = "answers of readers come to it"
        yield from guarded("dns.mx", partial(_exchange, asked, domain, why, needed=False))
    if patient.settings.bounce_domain:
        domain, why = patient.settings.bounce_domain, "bounces come to it"
        yield from guarded("dns.mx", partial(_exchange, asked, domain, why, needed=True))


def _exchange(asked: Names, domain: str, why: str, *, needed: bool) -> Iterable[Finding]:
    return judge_exchange(dns.look_at_exchange(asked, domain), why=why, needed=needed)


def _pointed(asked: Names, sending: Sending) -> Iterator[Finding]:
    if sending.local and not sending.addresses:
        yield no_public_address(sending.relay)
    for address in sending.addresses:
        yield from guarded("dns.ptr", partial(_one_pointed, asked, sending, address))


def _one_pointed(asked: Names, sending: Sending, address: str) -> Iterable[Finding]:
    return [judge_pointed(dns.look_at_pointed(asked, sending, address))]
