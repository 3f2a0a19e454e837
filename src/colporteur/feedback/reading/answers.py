"""Letters that machines write for people (RFC 3834), challenges, and wishes to leave."""

import re

from colporteur.feedback.reading.headers import Headers
from colporteur.feedback.reading.parts import Letter

_AUTOMATIC = re.compile(
    r"^\s*(?:(?:re|aw|tr|fw|antw|sv|vs)\s*:\s*)*\W{0,3}(?:"
    r"(?:automatic|automated|auto)[- _]?(?:matic )?(?:reply|response|responder|answer)|autoreply|autorespon|auto[- ]?re(?:ply|sponse)?\b|"
    r"out[- ]of[- ](?:the[- ])?office|ooo\b|vacation|on (?:leave|holiday|vacation)|away from|i(?:'m| am) (?:away|out|on)|i will be (?:away|out)|absent|"
    r"r[ée]ponse automatique|message d['’]absence|absence|absen[ct]e? du bureau|en cong[ée]|je suis absent|r[ée]pondeur|cong[ée]s?\b|accus[ée] de r[ée]ception automatique|"
    r"automatische (?:antwort|r[üu]ckantwort)|abwesenheit|abwesend|nicht im (?:b[üu]ro|hause)|urlaub|autoantwort|"
    r"respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente|ausencia|vacaciones|"
    r"risposta automatica|fuori (?:sede|ufficio)|assente|assenza|in ferie|"
    r"resposta autom[áa]tica|fora do escrit[óo]rio|aus[êe]ncia|"
    r"automatisch(?:e)? (?:antwoord|beantwoord)|afwezig|niet aanwezig|"
    r"automatisk (?:svar|besked)|autosvar|fr[åa]nvaro|automaattinen|poissa|"
    r"automatyczna odpowied[źz]|autoodpowied[źz]|odpowied[źz] automatyczna|poza biurem|nieobecno[śs][ćc]|urlop|"
    r"автоматический ответ|автоответ|нет на месте|отпуск|automatick[áa] odpov|nep[řr][íi]tomnost|automatikus v[áa]lasz|otomatik yan[ıi]t|"
    r"自動返信|自動応答|不在|自动回复|自動回覆|자동 ?(?:회신|응답)|부재|رد (?:تلقائي|آلي)|الرد (?:التلقائي|الآلي)|خارج المكتب|תשובה אוטומטית"
    r")",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(?:i am|i'm|i will be|we are) (?:currently )?(?:out of (?:the )?office|away|on (?:leave|vacation|holiday))|out of (?:the )?office|"
    r"je suis (?:actuellement )?(?:absent|en cong)|(?:bin|bis) .{0,40}(?:nicht im b[üu]ro|abwesend|im urlaub)|estoy (?:de vacaciones|fuera)|"
    r"estar[ée] (?:ausente|fuera)|(?:this is an? )?(?:automated|automatic|auto)[- ]?(?:reply|response|generated reply)|ne re[çc]oi[st] plus|"
    r"no longer (?:work|with|employed)|ne travaille plus|arbeitet nicht mehr|ya no trabaj|has left the (?:company|organi)|a quitt[ée] (?:la|l'|notre)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"boxbe|spam ?arrest|mailinblack|mail in black|tmda|bluebottle|choicemail|spamlion|mailblocks|knowspam|uol antispam|0spam|qurb|digiportal|sendio|"
    r"vanquish|zaep|"
    r"(?:confirm|verify|verification|prove|validate|authenti(?:cat|fi)).{0,80}(?:you are (?:a )?(?:human|real|not a)|(?:that )?you(?:r message)? (?:sent|is|are)|sender|your (?:e-?mail|message|address|delivery|identity))|"
    r"(?:one[- ]time|sender) (?:verification|confirmation|validation|authoriz)|challenge[- /]response|approved senders?|(?:guest|whitelist|allow list|accept list) .{0,30}(?:add|verify)|"
    r"(?:click|reply|cliquez|r[ée]pondez|klicken).{0,80}(?:deliver (?:your|this)|release (?:your|this)|be delivered|to be (?:added|approved)|remis|[êe]tre identifi|authentifi|freigeben|zustellen)|"
    r"demande d['’]authentification|merci de (?:vous )?(?:confirmer|authentifier|identifier)|confirmez? (?:que )?(?:votre|l['’]envoi)|bitte best[äa]tigen sie|antispam .{0,20}(?:confirm|verif)",
    re.IGNORECASE | re.DOTALL,
)
_ASKED = re.compile(
    r"confirm|verif|challenge|authenti|valid|approv|identif|action required|best[äa]tig|whitelist|boxbe|antispam|anti-spam",
    re.IGNORECASE,
)
_LEAVING = re.compile(
    r"^\s*(?:(?:re|aw|tr)\s*:\s*)*[\[<(\"']?(?:list-?)?(?:unsubscribe|un-subscribe|unsub|remove(?: me)?|sign ?off|opt[- ]?out|stop|leave|"
    r"d[ée]sabonn(?:ement|er|ez(?:-moi)?)|d[ée]sinscri(?:ption|re|vez(?:-moi)?)|me d[ée]sabonner|me d[ée]sinscrire|abmelden|abmeldung|abbestellen|austragen|"
    r"cancelar (?:la )?suscripci[óo]n|darme de baja|dar de baja|baja|cancellami|disiscri\w+|afmelden|uitschrijven|avregistrera|"
    r"إلغاء (?:ال)?اشتراك|配信停止|退订|отписаться|wypisz)\b[\]>)\"'.! ]*(?:[\w-]+\s*){0,6}$",
    re.IGNORECASE,
)
_LEAVE_BOX = re.compile(
    r"(?:leave|unsubscribe|unsub|desabonnement|desinscription)(?:[+=-][^@]{0,120})?@", re.IGNORECASE
)
_CHALLENGER = re.compile(
    r"@(?:[\w-]+\.)*(?:boxbe|spamarrest|mailinblack|bluebottle|0spam|spamlion|knowspam)\.\w+|boxbe notifications",
    re.IGNORECASE,
)
_CHALLENGERS = (
    "x-boxbe-cr",
    "x-bluebottle-request",
    "x-tmda-confirm",
    "x-spamarrest-challenge",
    "x-mailinblack",
)
_LOOKED_AT = 3000


def is_for_leaving(recipients: list[str]) -> bool:
    """Whether it came to an address that is only for leaving, as mailto: links have it."""
    return any(_LEAVE_BOX.match(one) for one in recipients)


def asks_to_leave(subject: str, text: str) -> bool:
    """Whether a person's (or their program's) letter says no more than "unsubscribe"."""
    if subject.strip():
        return _LEAVING.match(subject[:200]) is not None
    return (
        _LEAVING.match(next((one for one in text.split("\n") if one.strip()), "")[:200]) is not None
    )


def is_receipt(letter: Letter) -> bool:
    """Whether it is a disposition notification (RFC 8098): read, or deleted unread."""
    receipts = (one.media_type == "message/disposition-notification" for one in letter.parts)
    return letter.report_type == "disposition-notification" or any(receipts)


def says_automatic(headers: Headers) -> bool:
    """Whether the header says that no person wrote it: RFC 3834 5, and what came before it."""
    declared = headers.get("auto-submitted")
    if declared and not declared.strip().lower().startswith("no"):
        return True
    if any(
        name in headers
        for name in (
            "x-autoreply",
            "x-autorespond",
            "x-auto-response",
            "x-autoreply-from",
            "x-autoresponse",
            "x-vacation",
        )
    ):
        return True
    if headers.get("precedence").strip().lower() in {
        "auto_reply",
        "auto-reply",
        "autoreply",
        "junk",
    }:
        return True
    mailer = headers.get("x-mailer") + headers.get("x-auto-response-suppress-source")
    return "vacation" in mailer.lower() or titled_away(headers)


def titled_away(headers: Headers) -> bool:
    """Whether the subject is one that programs write for people who are away."""
    return _AUTOMATIC.match(headers.get("subject")[:300]) is not None


def says_away(text: str) -> bool:
    """Whether the words are those of somebody away."""
    return _AWAY.search(text[:_LOOKED_AT]) is not None


def is_known_challenge(headers: Headers) -> bool:
    """Whether a program that challenges says so in its own fields."""
    return any(name in headers for name in _CHALLENGERS) or (
        _CHALLENGER.search(headers.get("from")) is not None
    )


def is_challenge(headers: Headers, text: str) -> bool:
    """Whether a machine asks the sender to prove something before it delivers."""
    asked = _ASKED.search(f"{headers.get('subject')} {headers.get('from')} {text[:_LOOKED_AT]}")
    return asked is not None and _CHALLENGE.search(text[:_LOOKED_AT]) is not None
