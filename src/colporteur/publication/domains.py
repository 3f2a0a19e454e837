"""Which domains share limits: the groups that come with Colporteur, and the publication's own.

No provider but Yahoo says in public what it takes. "Reported" is what senders tell of each other,
and a cautious guess is ours: lower than what is known to be refused. Relays of a mail service see
to this themselves; then the groups only pace what reaches it. Addresses of a firm's own domain
that Google or Microsoft serve are in no group: that would ask for their MX.
"""

from collections.abc import Mapping

from colporteur.config.limit import Limit
from colporteur.publication.sending import DomainGroup, OwnGroup

REST = "rest"
"""The group of addresses that have no limits of their own."""

PRESETS: Mapping[str, DomainGroup] = {
    # Reported: OFR004_104 (too many connections) from the third on; 100 messages on each.
    # The rate is a cautious guess.
    "orange": DomainGroup(("orange.fr", "wanadoo.fr", "voila.fr"), 2, 100, (Limit(20, 1),)),
    # Cautious guesses, after Orange's.
    "free": DomainGroup(
        (
            "free.fr",
            "freesbee.fr",
            "libertysurf.fr",
            "worldonline.fr",
            "online.fr",
            "alicepro.fr",
            "aliceadsl.fr",
            "infonie.fr",
        ),
        2,
        50,
        (Limit(10, 1),),
    ),
    "la-poste": DomainGroup(("laposte.net",), 2, 50, (Limit(10, 1),)),
    "sfr": DomainGroup(
        (
            "sfr.fr",
            "neuf.fr",
            "cegetel.net",
            "club-internet.fr",
            "9online.fr",
            "9business.fr",
            "numericable.fr",
            "numericable.com",
            "noos.fr",
            "modulonet.fr",
        ),
        2,
        50,
        (Limit(10, 1),),
    ),
    # Google's guidelines ask for steady sending and give no number: a cautious guess.
    "gmail": DomainGroup(("gmail.com", "googlemail.com"), 10, 100, (Limit(50, 1),)),
    # Its postmaster pages name 500 connections as the most; far fewer is a cautious guess.
    "microsoft": DomainGroup(
        (
            "outlook.com",
            "outlook.fr",
            "hotmail.com",
            "hotmail.fr",
            "hotmail.be",
            "hotmail.co.uk",
            "hotmail.it",
            "hotmail.de",
            "hotmail.es",
            "live.com",
            "live.fr",
            "live.be",
            "live.co.uk",
            "live.nl",
            "live.it",
            "msn.com",
            "outlook.be",
            "outlook.de",
            "outlook.es",
            "outlook.it",
            "outlook.sa",
            "windowslive.com",
        ),
        10,
        100,
        (Limit(20, 1),),
    ),
    # 20 messages a connection: help.yahoo.com/kb/SLN3433.html. The rest is a cautious guess.
    "yahoo": DomainGroup(
        (
            "yahoo.com",
            "yahoo.fr",
            "yahoo.co.uk",
            "yahoo.de",
            "yahoo.es",
            "yahoo.it",
            "yahoo.ca",
            "yahoo.in",
            "yahoo.co.in",
            "yahoo.com.br",
            "ymail.com",
            "rocketmail.com",
            "aol.com",
            "aol.fr",
            "aol.de",
            "aol.co.uk",
            "aim.com",
        ),
        5,
        20,
        (Limit(20, 1),),
    ),
}


def groups_in_force(own: Mapping[str, OwnGroup]) -> dict[str, DomainGroup]:
    """The shipped groups with what the files say of each, and those that they add.

    A domain that the files put into a group is in no shipped one any more.
    """
    said = {name: group for name, group in own.items() if not group.off}
    taken = {one for group in said.values() for one in group.domains or ()}
    found: dict[str, DomainGroup] = {}
    for name, shipped in PRESETS.items():
        left = DomainGroup(
            tuple(one for one in shipped.domains if one not in taken),
            shipped.connections,
            shipped.messages,
            shipped.limits,
        )
        if name not in own:
            found[name] = left
        elif name in said:
            found[name] = left.overridden(said[name])
    for name, group in said.items():
        if name not in PRESETS:
            found[name] = DomainGroup(()).overridden(group)
    return found


def group_by_domain(groups: Mapping[str, DomainGroup]) -> dict[str, str]:
    """The group of each domain that is in one."""
    return {domain: name for name, group in groups.items() for domain in group.domains}


def group_of(domain: str, groups: Mapping[str, DomainGroup]) -> str:
    """The group that an address's domain (ASCII) is in, else the rest."""
    return group_by_domain(groups).get(domain.lower(), REST)


def connections_by_group(groups: Mapping[str, DomainGroup]) -> dict[str, int]:
    """How many connections at once each group has that limits them."""
    return {name: one.connections for name, one in groups.items() if one.connections is not None}
