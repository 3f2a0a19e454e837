"""Whether receivers take a signature for the sender's own (DMARC, RFC 7489 section 3.1). Pure."""

from colporteur.audience.addresses import on_the_wire
from colporteur.config.dkim import WELL
from colporteur.delivery.dkim.signing import Signer
from colporteur.publication import Publication


def aligned(sender: str, signing: str) -> bool:
    """Whether two domains are one to DMARC: the same, or one below the other.

    Of two below a third it says no, for want of a list of what is nobody's own, such as ``co.uk``.
    """
    return (
        sender == signing or f".{sender}".endswith(f".{signing}") or signing.endswith(f".{sender}")
    )


def doubts(publication: Publication, signer: Signer) -> list[str]:
    """Why receivers may not honour its signatures, each with the cure; empty where they will."""
    channels = [one.sender for one in publication.channels if one.sender]
    senders = [publication.sender, *publication.senders.values(), *channels]
    domains = dict.fromkeys(on_the_wire(one.address).rpartition("@")[2] for one in senders)
    found = [
        f"Mail from {domain} is signed by {signer.domain}, which DMARC does not take for the same: "
        f"many receivers refuse it. Set COLPORTEUR_DKIM_DOMAIN to the senders' domain."
        for domain in domains
        if not aligned(domain, signer.domain)
    ]
    if signer.key.key_size < WELL:
        found.append(
            f"COLPORTEUR_DKIM_KEY has {signer.key.key_size} bits, and some receivers want {WELL}. "
            "Make another, under another selector: colporteur dkim new."
        )
    return found
