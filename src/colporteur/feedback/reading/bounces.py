"""Whether a message says that another could not be delivered, or not yet."""

import re

from colporteur.delivery.classifier import MAILBOX_FULL, NO_SUCH_ADDRESS, judge
from colporteur.feedback.reading.headers import Headers

_DAEMON = re.compile(
    r"mailer[-_ ]?daemon|mail[-_ ]?daemon|post[-_ .]?master|mail (?:delivery|administrator|system|router|transport|gateway|server|adm)|delivery (?:subsystem|system|service|status|report|notification)|"
    r"system administrator|undeliverable|bounce|maildelivery|mdaemon|mxsystem|daemon@|mailsystem|listmaster|mmdf|smtp(?:d|-gateway|gateway|agent)?@|"
    r"microsoft ?exchange|mail-?er@|failure[- ]notice|non[- ]?delivery|majordomo|system attendant|e-?mail (?:admin|system|delivery|notification)|antispam|mail filter|security@",
    re.IGNORECASE,
)
_DAEMON_PATH = re.compile(r"<?(?:mailer-daemon|postmaster)@?", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|non[- ]?d?[ée]?liv|not delivered|delivery (?:status|fail|notif|report|problem|error|has failed|incomplete|delayed|delay|unsuccess|attempt|to)|deliver\w* (?:fail|error|problem)|"
    r"fail(?:ure|ed)?[- :]*(?:notice|notification|delivery|mail|message|to deliver)|failure delivering|returned (?:mail|e-?mail|message|to sender)|return(?:ed)? to sender|mail (?:delivery|failed|system error|could not|error|failure|not|returned|status|undeliverable|transaction)|"
    r"message (?:undeliverable|delivery|not|could not|status|bounced|returned|rejected|blocked|delayed)|(?:unable|could not|cannot|can't) (?:to )?(?:deliver|be delivered|send)|warning: (?:could not|message|e-?mail|mail|attempt)|bounce|rejected|nondeliverable|"
    r"user unknown|unknown (?:user|address|recipient)|mailbox (?:full|unavailable)|error(?: in)? (?:mail|sending|delivering)|mail[- ]?er[- ]daemon|ndn:|ndr:|\bdsn\b|delay(?:ed)? (?:mail|message|delivery)|"
    r"non remis|non distribu|[ée]chec (?:de|d['’])(?: la)? ?(?:remise|distribution|livraison|envoi)|[ée]chec.{0,30}(?:remise|distribution|message)|notification (?:d['’][ée]tat|de remise|de non)|message (?:refus|rejet|retourn|non|retard)|courrier non|impossible (?:de|d['’]) ?(?:remettre|distribuer|livrer|envoyer)|rapport de non|retour(?:n[ée])? (?:[àa] l['’]|de)|"
    r"unzustellbar|nicht zugestellt|zustell(?:ung|fehler|problem|benachr)|unzustellbarkeit|fehlgeschlagen|konnte nicht|unzugestellt|r[üu]ckl[äa]ufer|nichtzustell|"
    r"no entregad|no se (?:ha )?(?:podido|pudo) entregar|error (?:de|en la|al) entreg|entrega (?:fallida|retrasada)|devuelto|devoluci[óo]n|correo devuelto|fallo (?:de|en la) entrega|notificaci[óo]n (?:de estado|del estado)|no se puede entregar|"
    r"mancato recapito|recapito|non recapitat|mancata consegna|notifica (?:di|dello) (?:stato|mancat)|n[ãa]o (?:foi )?(?:poss[íi]vel )?entreg|falha (?:na|de) entrega|onbestelbaar|niet (?:worden )?(?:be|af)gelever|bezorg(?:ing|fout)|"
    r"olevererbar|kunde inte levereras|kunne ikke leveres|ikke leveret|uleverbar|toimitus|nie (?:dostarczono|zosta)|niedostarcz|zwrot|nedoru[čc]|k[ée]zbes[íi]t|teslim edileme|"
    r"не\s?доставлен|недоставлен|не может быть доставлен|невозможно доставить|возврат|配信(?:不能|失敗|エラー|できません)|送信(?:できません|失敗|エラー)|メール(?:が|を)?.{0,10}(?:届|配信|返送)|配送失败|退信|退件|投递失败|无法投递|無法傳遞|未能送达|传递失败|반송|전송 ?실패|배달|"
    r"تعذر (?:ال)?تسليم|لم يتم (?:ال)?تسليم|فشل (?:ال)?تسليم|فشل في|إشعار حالة",
    re.IGNORECASE,
)
# These are searched in lower case, as the classifier's words are.
_SAYS_SO = re.compile(
    r"(?:could|can|was|were|has|have|been|is|are)(?: ?n[o']t|'t|not)(?: yet)?(?: be| been)? (?:able to )?(?:be )?(?:deliver|sent|reach|process|accept)|un(?:able|successful|deliver)\w* |wasn'?t able to deliver|failed to (?:deliver|reach)|delivery .{0,60}fail|"
    r"permanent(?:ly)? (?:error|fatal error|failure|failed)|fatal error|did not reach|not (?:be )?deliverable|undeliverable|could not be delivered|returned? (?:to (?:the )?sender|mail|message)|rejected|returning|user unknown|"
    r"n['’]a (?:pas )?(?:pu|[ée]t[ée]).{0,30}(?:remis|distribu|livr|envoy|d[ée]livr)|[ée]chec|pas pu [êe]tre|konnte nicht|nicht (?:zugestellt|zustellbar|ausgeliefert)|unzustellbar|no (?:se )?(?:ha )?(?:podido|pudo|puede)|non [èe] stato possibile|mancat|n[ãa]o (?:foi|p[ôo]de)|"
    r"kon niet|kunde inte|kunne ikke|nie (?:mo[żz]na|uda[łl]o|zosta)|не (?:удалось|может|был)|невозможно|できません|届けでき|配信|失敗|无法|無法|失败|退回|退信|반송|실패|تعذر|لم يتم|فشل|"
    r"<\S+@\S+>: ?(?:host|user|unknown|mail|connect|delivery|data|name)|said: ?[45]\d\d|(?:^|\n)[ \t>|<-]*(?:[45]\d\d)[ -]",
)
_NOT_YET = re.compile(
    r"warning message only|(?:do not|don'?t|no) (?:need to )?re-?send|will (?:continue|keep)(?: to)? (?:be )?(?:try|attempt|retr)|(?:will be|being|be) retried|will (?:be )?(?:re-?try|try again)|delivery attempts? will continue|continue to (?:try|attempt|retry)|"
    r"(?:has|have|been|is|was)(?: not|n't) (?:yet )?been delivered (?:yet|for|after)|not (?:yet )?been delivered yet|not yet (?:been )?delivered|(?:delivery|message|mail) (?:is |has been |was |temporarily )?(?:been )?delayed|this is a warning|no action is required on your part|still (?:being|trying|in the queue)|"
    r"keep(?:s)? trying|temporary (?:failure|error).{0,80}(?:will|later)|pas encore [ée]t[ée]|nouvelle tentative|retard[ée]e?|tentera|continuera|wird (?:weiter|erneut)|verz[öo]gert|noch nicht zugestellt|se seguir[áa]|retrasad|seguiremos|verr[àa] ritentat|ritard|in ritardo|"
    r"再送|遅延|延迟|будет повторен|задерж",
)
_GAVE_UP = re.compile(
    r"giv(?:e|ing|en) up|given up|permanent|fatal|no further|will not (?:be )?(?:re-?tr|try)|could not be delivered for|could not deliver .{0,40}for the (?:last|past) .{0,30}days|has been removed from|message (?:has )?expired|abandon|undeliverable|returned|unable to deliver|endg[üu]ltig|definitiv|"
    r"retry timeout exceeded|cannot be delivered",
)
_DELAY_SUBJECT = re.compile(
    r"\bdelay|warning|not yet|retard|verz[öo]ger|retras|ritard|delayed|still trying|延|задерж|\(delay\)",
    re.IGNORECASE,
)
_SURELY = {MAILBOX_FULL, NO_SUCH_ADDRESS}
_LOOKED_AT = 16000


def from_daemon(headers: Headers) -> bool:
    """Whether a mail system wrote it, by its From or an empty Return-Path (RFC 5321 6.1)."""
    sender = headers.get("from") or headers.get("sender")
    paths = headers.all("return-path", "x-return-path", "x-envelope-from")
    if any(one.strip() == "<>" or _DAEMON_PATH.match(one.strip()) for one in paths):
        return True
    return _DAEMON.search(sender) is not None


def is_rejection(headers: Headers) -> bool:
    """Whether what looks like a receipt is a refusal, as mail stores write them."""
    return "reject" in f"{headers.get('auto-submitted')} {headers.get('subject')}".lower()


def titled(headers: Headers) -> bool:
    """Whether the subject is that of a bounce."""
    return _SUBJECT.search(headers.get("subject")[:300]) is not None


def is_bounce(headers: Headers, text: str, *, returns: bool) -> bool:
    """Whether it tells of a message that was not delivered; ``returns`` if it has that one."""
    told = _SAYS_SO.search(text[:_LOOKED_AT].lower()) is not None
    if "x-failed-recipients" in headers:
        return True
    if from_daemon(headers):
        return titled(headers) or told or judge(0, None, text[:_LOOKED_AT]).why in _SURELY
    return (titled(headers) and (told or returns)) or (
        told and returns and not headers.get("in-reply-to")
    )


def is_delay(headers: Headers, text: str) -> bool:
    """Whether its server still tries."""
    subject = headers.get("subject")
    words = text[:_LOOKED_AT].lower()
    if _NOT_YET.search(words):
        return not _GAVE_UP.search(words) or _DELAY_SUBJECT.search(subject) is not None
    return False
