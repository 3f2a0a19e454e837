"""Addresses that are valid and yet doubtful: mistyped domains, and such as last some minutes. Pure.

The shipped names are few and sure. A publication adds its own, and takes any of them away
(``[subscribing]``).
"""

from colporteur.audience.addresses import EmailAddress
from colporteur.publication.subscribing import Subscribing

_PROVIDERS = (
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "outlook.fr",
    "hotmail.com",
    "hotmail.fr",
    "live.com",
    "live.fr",
    "msn.com",
    "yahoo.com",
    "yahoo.fr",
    "ymail.com",
    "icloud.com",
    "proton.me",
    "protonmail.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "sfr.fr",
    "gmx.com",
    "gmx.fr",
    "gmx.net",
    "gmx.de",
    "web.de",
    "aol.com",
    "mail.com",
    "me.com",
    "email.com",
    "menara.ma",
    "bluewin.ch",
    "skynet.be",
)
_LONG_ENOUGH = 7  # letters of a name before its last dot and after: shorter ones are too alike
_ENDINGS = {"con": "com", "cmo": "com", "vom": "com", "ocm": "com", "comm": "com", "coom": "com"}
_PASSING = """
    0-mail.com 10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonbox.net
    burnermail.io byom.de discard.email discardmail.com dispostable.com dropmail.me
    emailondeck.com emailtemporanea.com fakeinbox.com fakemail.net fakemailgenerator.com
    getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de
    guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com
    harakirimail.com haribu.com inboxbear.com inboxkitten.com jetable.com jetable.fr.nf
    jetable.net jetable.org kasmail.com mail-temporaire.fr mailcatch.com maildrop.cc
    mailexpire.com mailforspam.com mailinator.com mailinator.net mailinator2.com mailnesia.com
    mailnull.com mailpoof.com mailsac.com mailtemp.info meltmail.com mintemail.com moakt.com
    moakt.cc mohmal.com mytemp.email mytrashmail.com nada.email nowmymail.com objectmail.com
    pokemail.net sharklasers.com sneakemail.com spam4.me spambox.us spamex.com spamfree24.org
    spamgourmet.com spamherelots.com spaml.com tempail.com temp-mail.io temp-mail.org
    tempinbox.com tempmail.com tempmail.de tempmail.net tempmailaddress.com tempmailo.com
    tempomail.fr temporary-mail.net temporaryinbox.com throwam.com throwawaymail.com
    trash-mail.com trash-mail.de trashmail.com trashmail.de trashmail.me trashmail.net
    wegwerfmail.de wegwerfmail.net wegwerfmail.org yopmail.com yopmail.fr yopmail.net
"""
_DISPOSABLE = frozenset(_PASSING.split())


def is_disposable(address: EmailAddress, rules: Subscribing) -> bool:
    """Whether the publication takes no address of that domain, or of one above it."""
    if rules.disposable == "accept":
        return False
    labels = address.domain.split(".")
    above = {".".join(labels[first:]) for first in range(len(labels) - 1)}
    if above & set(rules.lasting_domains):
        return False
    return bool(above & (_DISPOSABLE | set(rules.disposable_domains)))


def likely_meant(address: EmailAddress, rules: Subscribing) -> str | None:
    """The address with the domain that was likely meant; None where it looks right."""
    if not rules.hints:
        return None
    domain = address.domain
    found = rules.typos.get(domain) or _near(domain)
    if found is None or found == domain:
        return None
    return f"{address.text.rpartition('@')[0]}@{found}"


def _near(domain: str) -> str | None:
    """The one known domain that is a slip of the finger away."""
    if domain in _PROVIDERS:
        return None
    name, _, ending = domain.rpartition(".")
    if ending in _ENDINGS:
        mended = f"{name}.{_ENDINGS[ending]}"
        return _near(mended) or mended
    near = [one for one in _PROVIDERS if len(one) > _LONG_ENOUGH and _one_slip(domain, one)]
    return near[0] if len(near) == 1 else None


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is lacking, too many or another, or two neighbours changed places."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    rest, other = typed[start:], meant[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other or rest == other[1:] or rest[1:] == other[1:] or swapped == other
