"""What a refusal means: the reader's address, or us. Pure; for SMTP replies and bounces alike.

"5.x.x is hard" is wrong: of real refusals a third would be held against readers who exist. So
words come first, then the enhanced code (RFC 3463), then the plain one; and an address is only
given up for what says that there is no such address.
"""

import enum
import re
from collections.abc import Sequence


class Verdict(enum.StrEnum):
    """What a refusal is held against."""

    HARD = "hard"  # the address: it does not exist
    SOFT = "soft"  # the address, after many: full, away, forbidden, for now
    RATE = "rate"  # us at this provider: too much at a time
    POLICY = "policy"  # us at this provider: reputation, blocklist, authentication, spam
    MESSAGE = "message"  # the message or its sender: ours to mend, held against nobody


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_RATE = _any(
    r"too (?:many|much|fast)\b(?!.{0,20}\b(?:hops|recipients)\b)",
    r"\btrop de (?:connexions?|messages?|mails?|courriers?|connections?|sessions?)",
    r"\bzu viele\b",
    r"demasiad[oa]s (?:conexiones|mensajes)",
    r"\brate[- ]?limit|ratelimit|\brate (?:of|exceeded|control)",
    r"\bthrottl",
    r"(?:unusual|unexpected) (?:rate|volume)",
    r"(?:connection|message|sending|hourly|daily|concurrency|session)s? (?:rate|limit|quota)s?\b",
    r"\blimit(?:e)? .{0,30}(?:exceeded|reached|d[ée]pass[ée]e|atteinte)",
    r"exceeded .{0,30}\b(?:connections|messages per|rate|sessions)",
    r"temporarily deferred due to|\bTSS\d\d|\b(?:TS|TSS)0[1-4]\b",
    r"\bOFR0?\d\d_10[45]\b",
    r"service refuse\. veuillez essayer plus tard",
    r"receiving mail at a rate",
    r"\bS3(?:140|150)\b.{0,80}(?:rate|try again)|RP-00[1-3]",
    r"slow(?:ing)? down",
)
_POLICY = _any(
    r"spamhaus|spamcop|barracuda(?:central)?|\bsorbs\b|\buceprotect|\bvade ?secure|cloudmark|"
    r"abusix|invaluement|proofpoint|senderscore|\bsurbl\b|\buribl\b|mailspike|manitu",
    r"\b(?:dns)?[dr]?n?s?bl\b.{0,40}(?:list|block)|\b(?:rbl|dnsbl)\b",
    r"(?:black|block|deny)[- ]?list(?!.{0,30}by (?:the )?recipient)",
    r"liste noire|schwarze[rn]? liste|lista negra|blackliste",
    r"\bspam|pourriel|ind[ée]sirable|unsolicited|\bUCE\b|\bUBE\b|junk mail|\bbulk mail",
    r"\bphish|\bvirus|malware|malicious",
    r"\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework|unauthenticated|"
    r"(?:not|isn'?t|fails?|failed|must|lacks?).{0,40}authenticat",
    r"\breputation\b|poor rep",
    r"(?:ip|adresse ip|host|client|server|serveur|domain)\b.{0,60}(?:blocked|banned|bloqu|gesperrt|"
    r"blockiert|bloquead)",
    r"(?:blocked|banned|bloqu[ée]e?|gesperrt) .{0,40}\b(?:ip|address \[|host|serveur)",
    r"part of their network is on our block list|banned sending ip",
    r"\bS3(?:140|150)\b|\bBL000\d{3}|\bOU-00\d|\bSC-00\d|\bDY-00\d",
    r"reverse dns|\bPTR\b|\bfcrdns\b|(?:cannot find|could not find|no) (?:your )?(?:reverse )?hostname|"
    r"client host rejected|helo command rejected",
    r"(?:message|mail|content|contenu|e-?mail) (?:was |has been |a [ée]t[ée] |est )?(?:rejected|refused|"
    r"blocked|rejet[ée]|refus[ée]|bloqu[ée]|abgelehnt)[^.]{0,40}(?:content|policy|policies|filter|"
    r"contenu|politique|filtre|richtlinie)",
    r"(?:content|policy|security|richtlinien?|inhalts)\w*[- ](?:reasons?|restrictions?|violation|reject|"
    r"filter|gr[üu]nden)|violat\w+ .{0,20}polic|local policy",
    r"raisons? de s[ée]curit[ée]|politique de s[ée]curit[ée]|message refus[ée] par le filtre",
)
_FULL = _any(
    r"(?:mail ?box|inbox|user|account|storage|bo[iî]te|postfach|buz[óo]n|konto).{0,40}"
    r"(?:\bfull\b|over ?quota|quota|pleine|satur[ée]e|voll\b|[üu]berf[üu]llt|llen[oa]|storage space|"
    r"size limit)",
    r"over[- ]?quota|(?<!message )quota (?:exceeded|full|d[ée]pass[ée])|exceed(?:s|ed)? .{0,30}\bquota|"
    r"out of storage|insufficient (?:system )?storage|disk (?:space|quota)|speicherplatz",
)
_DISABLED = _any(
    r"(?:mail ?box|account|user|compte|bo[iî]te|konto|recipient|address).{0,40}(?:temporarily|"
    r"suspended|on hold|locked|is inactive|is disabled|has been disabled|currently|"
    r"d[ée]sactiv|suspendu|bloqu[ée]|vor[üu]bergehend)",
    r"inactive (?:user|mailbox|account)|account (?:inactive|disabled)",
)
_GREY = _any(
    r"gr[ae]y ?list|gr[ae]y-list",
    r"try again|please retry|r[ée]essay|sp[äa]ter (?:noch ?mal|erneut|wieder)|int[ée]ntelo",
)
_ADDRESS = (
    r"(?:user|recipient|mail ?box|mail account|e-?mail account|account|address(?:ee)?|login|local part|"
    r"alias|recipients?)"
)
_UNKNOWN = _any(
    r"(?:user|recipient|mailbox|address(?:ee)?|account|destinataire|adresse|utilisateur) (?:is )?"
    r"(?:unknown|inconnue?s?\b|non trouv[ée]e?)",
    r"unknown (?:user|recipient|mailbox|address|account|local[- ]part|alias)\b",
    rf"no such (?:\w+ )?{_ADDRESS}\b|no such person",
    r"\bno (?:\w+ )?(?:mailbox|account|user|recipient) (?:here |found |exists )?"
    r"(?:by|with|for|under|called|named|here)\b",
    rf"{_ADDRESS}\b[^.;]{{0,90}}?(?:does ?n[o']t exist|doesn'?t have|not (?:be )?found\b|"
    r"no longer (?:exists|available|valid|active|in use|on server)|not known|not exist\b|"
    r"is not a valid (?:mailbox|recipient|user|address)|isn'?t valid|"
    r"undefined|has been (?:deleted|removed|closed))",
    r"not a (?:known|valid) (?:user|mailbox|recipient|account)|invalid (?:mailbox|recipient|user)\b",
    r"\b(?:we|i) (?:have|know) no (?:such|user)|no mailbox here by that name",
    r"addressee unknown|resolver\.adr\.(?:recip|ex)?notfound|recipnotfound|adr\.exrecipnotfound",
    r"(?:user|recipient|mailbox) .{0,60}not listed in|user not listed|"
    r"(?:user|recipient) unknown in (?:virtual|relay|local)|"
    r"doesn'?t have an? \S{1,40} account|recipient address rejected: undeliverable address",
    r"(?:adresse|bo[iî]te(?: aux lettres)?|compte|utilisateur|destinataire|messagerie)[^.;]{0,60}?"
    r"(?:inconnue?\b|inexistante?\b|n'?existe (?:pas|plus)|invalide|introuvable|non valide|"
    r"r[ée]sili[ée]e?|supprim[ée]e?|n'est pas connue?)",
    r"(?:empf[äa]nger(?:adresse)?|benutzer|postfach|adresse|nutzer|mailbox)[^.;]{0,60}?"
    r"(?:unbekannt|existiert nicht|nicht (?:bekannt|gefunden|vorhanden)|ung[üu]ltig|gibt es nicht)",
    r"unbekannte[rs]? (?:empf[äa]nger|benutzer|nutzer)|kein (?:solche[rs]? )?(?:benutzer|postfach)",
    r"(?:usuario|destinatario|cuenta|buz[óo]n|direcci[óo]n)[^.;]{0,60}?(?:desconocid|no existe|"
    r"inexistente|inv[áa]lid)|usuario desconocido",
    r"(?:utente|casella|destinatario|indirizzo)[^.;]{0,60}?(?:sconosciut|inesistente|non esiste|"
    r"non trovat)",
    r"(?:utilizador|usu[áa]rio|conta|caixa|endere[çc]o)[^.;]{0,60}?(?:desconhecid|n[ãa]o existe|"
    r"inexistente)",
    r"gebruiker onbekend|onbekende gebruiker|bestaat niet",
    r"host or domain name not found|(?:domain|host)(?: name)? (?:does not exist|not found)|"
    r"\bnxdomain\b|domaine (?:inconnu|inexistant)",
)
_ACCESS = _any(
    r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not permitted|not allowed|prohibited)|unable to relay",
    r"(?:only|must).{0,40}authenticated (?:users|senders)|restricted (?:group|recipient)|"
    r"not (?:authori[sz]ed|allowed|permitted) to send (?:mail |messages )?to|"
    r"delivery not authorized|resolver\.rst\.",
)
_SENDER = _any(
    r"sender (?:address )?(?:rejected|unknown|denied|verify failed)|sender domain|domain of sender",
    r"exp[ée]diteur (?:inconnu|refus|invalide|rejet)|absender.{0,30}(?:unbekannt|abgelehnt|ung)",
)
_OURS = _any(
    r"message (?:size|is too (?:large|big)|too (?:large|big))|too large|exceeds .{0,30}size|"
    r"message trop (?:gros|volumineux)|nachricht zu gro",
    r"\bnot rfc\b|rfc ?5?[28]\d\d|malformed|header|syntax error|bare (?:lf|cr|<)|"
    r"(?:line|ligne) .{0,10}too long",
)

_CODES: dict[str, Verdict] = {
    "1.1": Verdict.HARD,
    "1.2": Verdict.HARD,
    "1.3": Verdict.HARD,
    "1.10": Verdict.HARD,  # RFC 7505: the domain takes no mail
    "1.7": Verdict.MESSAGE,
    "1.8": Verdict.MESSAGE,
    "3.4": Verdict.MESSAGE,
    "2.3": Verdict.MESSAGE,
    "7.8": Verdict.MESSAGE,  # our own credentials
    "7.9": Verdict.MESSAGE,
    "7.20": Verdict.POLICY,  # RFC 7372 and on: DKIM, SPF, reverse DNS
    "7.21": Verdict.POLICY,
    "7.22": Verdict.POLICY,
    "7.23": Verdict.POLICY,
    "7.24": Verdict.POLICY,
    "7.25": Verdict.POLICY,
    "7.26": Verdict.POLICY,
    "7.27": Verdict.POLICY,
    "7.28": Verdict.RATE,
    "7.30": Verdict.POLICY,
    "7.350": Verdict.POLICY,
    "7.509": Verdict.POLICY,
    "7.515": Verdict.POLICY,
    "7.606": Verdict.POLICY,
    "7.708": Verdict.POLICY,
    "7.750": Verdict.POLICY,
}
_SERVICE_CLOSES = 421


def classify(code: int, enhanced: str | None, text: str) -> Verdict:
    """What a refusal means: its code (0: a bounce had none), enhanced code and words.

    A 4xx is never hard, and an enhanced code that is (5.1.1, say) is not believed when the
    words blame us: many servers answer a blocked sender with 5.1.1.
    """
    temporary = code // 100 == 4 if code else bool(enhanced and enhanced.startswith("4"))  # noqa: PLR2004
    detail = enhanced.partition(".")[2] if enhanced else ""
    if temporary:
        return _for_now(code, detail, text)
    said = _said(text)
    if said is not None:
        return said
    if detail in _CODES:
        return _CODES[detail]
    subject = detail.partition(".")[0]
    if subject in {"5", "6"}:  # protocol, content
        return Verdict.MESSAGE
    if _OURS.search(text):
        return Verdict.MESSAGE
    return Verdict.SOFT


def _said(text: str) -> Verdict | None:
    """What the words say, the surest first."""
    order: Sequence[tuple[re.Pattern[str], Verdict]] = (
        (_FULL, Verdict.SOFT),
        (_RATE, Verdict.RATE),
        (_POLICY, Verdict.POLICY),
        (_ACCESS, Verdict.SOFT),
        (_DISABLED, Verdict.SOFT),
        (_SENDER, Verdict.MESSAGE),
        (_UNKNOWN, Verdict.HARD),
    )
    return next((verdict for pattern, verdict in order if pattern.search(text)), None)


def _for_now(code: int, detail: str, text: str) -> Verdict:
    """A 4xx: the reader's own affair, or a sign that we should go slower or stop."""
    if _FULL.search(text) or detail == "2.2":
        return Verdict.SOFT
    if _RATE.search(text):
        return Verdict.RATE
    if _GREY.search(text) and "list" in text.lower() and "block" not in text.lower():
        return Verdict.SOFT  # greylisting: this reader's server asks to come again
    if _POLICY.search(text):
        return Verdict.POLICY
    if code == _SERVICE_CLOSES or detail.startswith("7."):
        return Verdict.RATE
    return Verdict.SOFT
