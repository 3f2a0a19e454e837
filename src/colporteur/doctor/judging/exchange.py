"""Whether mail to a domain arrives (MX), and whether an address has a name of its own (PTR)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from colporteur.doctor.finding import Finding, listed, note, unknown, warning, well, wrong

_NOBODY = "."


@dataclass(frozen=True)
class Exchange:
    """Who takes mail for a domain, with their addresses; ``own`` are the domain's."""

    domain: str
    exchangers: Mapping[str, tuple[str, ...]]
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pointed:
    """An address, its names, and which of these lead back to it."""

    address: str
    whose: str
    names: tuple[str, ...]
    confirmed: tuple[str, ...] = field(default=())
    local: bool = False


def judge_exchange(found: Exchange, *, why: str, needed: bool) -> Iterator[Finding]:
    """``why`` mail comes to it; ``needed``: without an MX of its own, what comes back is lost."""
    check, domain = "dns.mx", found.domain
    cure = f"Publish {domain}. MX 10 and the name of the server that takes its mail."
    if _NOBODY in found.exchangers:
        yield wrong(check, f"{domain} says that it takes no mail (a null MX), but {why}.", cure)
        return
    if not found.exchangers:
        if found.own and not needed:
            said = f"{domain} has no MX; mail goes to {found.own[0]}, its own address."
            yield note(check, said, cure)
        else:
            yield wrong(check, f"{domain} has no MX, but {why}.", cure)
        return
    lost = [host for host, addresses in found.exchangers.items() if not addresses]
    if lost:
        say = wrong if len(lost) == len(found.exchangers) else warning
        yield say(check, f"{listed(lost)}, an MX of {domain}, has no address.", cure)
    if len(lost) < len(found.exchangers):
        yield well(check, f"Mail to {domain} goes to {listed(found.exchangers)}.")


def judge_pointed(found: Pointed) -> Finding:
    """Gmail and others want each address that sends to have a name which leads back to it."""
    check = "dns.ptr"
    if found.confirmed:
        return well(check, f"{found.address} ({found.whose}) is {found.confirmed[0]}, and back.")
    cure = "Whoever gives you the address (your host) sets its reverse name (PTR)."
    if not found.names:
        said = f"{found.address} ({found.whose}) has no name (PTR)"
    else:
        said = f"{found.address} ({found.whose}) is called {found.names[0]}, which leads elsewhere"
    if found.local:
        return wrong(check, f"{said}: Gmail and others refuse mail from it.", cure)
    return warning(check, f"{said}. If mail leaves from there, many refuse it.", cure)


def no_public_address(relay: str) -> Finding:
    """For a relay on a machine that others see by another's address."""
    return unknown(
        "dns.ptr",
        f"{relay} is on a machine without a public address of its own: by which one receivers see "
        "it, and whether that has a name (PTR), cannot be told.",
        "Look at the Received lines of a mail that arrived.",
    )
