"""What receivers make of a From address (DMARC, RFC 9989): a policy, and who answers for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from colporteur.doctor.finding import Finding, note, warning, well, wrong


@dataclass(frozen=True)
class Dmarc:
    """A sender's domain, its record, and by whom its mail is signed and enveloped.

    ``bases`` has the base ("organizational domain") of each domain that is named here.
    """

    domain: str
    record: str
    error: str
    tags: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    signed_by: str = ""
    enveloped_by: str = ""
    bases: dict[str, str] = field(default_factory=dict)

    def aligned(self, other: str, mode: str) -> bool:
        """Whether another domain stands for this one: strictly the same, or of one base."""
        if not other:
            return False
        if mode == "s":
            return other == self.domain
        return self.bases.get(other, other) == self.bases.get(self.domain, self.domain)


def judge_dmarc(dmarc: Dmarc) -> Iterator[Finding]:
    """The findings about one sender's domain."""
    check, domain = "dns.dmarc", dmarc.domain
    if not dmarc.record or dmarc.error:
        base = dmarc.bases.get(domain, domain)
        said = f"is broken: {dmarc.error}" if dmarc.record else "is missing"
        yield wrong(
            check,
            f"The DMARC record of {domain} {said.rstrip('.')}. Gmail, Yahoo and Microsoft refuse "
            "bulk mail without one.",
            f'Publish _dmarc.{base}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{base}"',
        )
    else:
        yield well(check, f"{domain} has a DMARC policy: {dmarc.tags.get('p', 'none')}.")
        yield from _advice(dmarc)
    yield _alignment(dmarc)


def _advice(dmarc: Dmarc) -> Iterator[Finding]:
    check = "dns.dmarc"
    if dmarc.tags.get("p") == "none":
        yield note(
            check,
            f"The policy of {dmarc.domain} stops nobody who writes in its name (p=none).",
            "Once the reports show that your own mail passes, publish p=quarantine.",
        )
    if "rua" not in dmarc.tags:
        yield note(
            check,
            f"Nobody is told how mail from {dmarc.domain} fares (no rua).",
            "Add rua=mailto: and an address that somebody reads.",
        )
    for said in dmarc.warnings:
        if "unenforced" not in said and "p tag" not in said and "rua tag" not in said:
            yield note(check, said.rstrip(".") + ".")


def _alignment(dmarc: Dmarc) -> Finding:
    check, domain = "dns.alignment", dmarc.domain
    signed = dmarc.aligned(dmarc.signed_by, dmarc.tags.get("adkim", "r"))
    enveloped = dmarc.aligned(dmarc.enveloped_by, dmarc.tags.get("aspf", "r"))
    if signed:
        return well(check, f"Mail from {domain} is signed by {dmarc.signed_by}, as DMARC wants it.")
    if dmarc.signed_by:
        say = warning if enveloped else wrong
        return say(
            check,
            f"Mail from {domain} is signed by {dmarc.signed_by}, which DMARC does not take for "
            f"the same{'; its envelope alone answers for it' if enveloped else ''}.",
            f"Sign by {domain}: colporteur dkim new {domain}.",
        )
    return warning(
        check,
        f"Colporteur does not sign mail from {domain}; unless the relay signs it by that domain, "
        "Gmail, Yahoo and Microsoft refuse it.",
        f"Make a key: colporteur dkim new {domain} --out dkim.pem (docs/signing.md).",
    )
