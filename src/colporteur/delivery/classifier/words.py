"""What servers say when they refuse, by what they mean; one alternative a line.

Patterns are searched in lower case, which is twice as quick as without regard to case. Addresses
in what is searched stand as ``@``. Gaps are bounded, so that no text takes long.
"""

import re
from functools import cached_property

_CAPITALS = re.compile(r"(?<!\\)[A-Z]+")  # not those of \S and the like


class Words:
    """Any of these patterns; compiled for their first search, as few processes read a refusal."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns

    def search(self, text: str) -> re.Match[str] | None:
        """Where the first of them is said."""
        return self._compiled.search(text)

    def without(self, text: str) -> str:
        """The text less each of them."""
        return self._compiled.sub("", text)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(_CAPITALS.sub(lambda one: one[0].lower(), "|".join(self._patterns)))


RATE = Words(
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

POLICY = Words(
    r"(?:listed|blocked|found|block ?list|rejected|refused|see|query|reject|using|\bby) .{0,50}"
    r"(?:spamhaus|spamcop|barracuda(?:central)?|\bsorbs\b|senderscore|\bsurbl\b|\buribl\b|abuseat|njabl)",
    r"\b(?:dns)?[dr]?n?s?bl\b.{0,40}(?:list|block)|\b(?:rbl|dnsbl|dul)\b|listed (?:in|at|on|by) \S+\.\S",
    r"(?:black|block|deny)[- ]?list(?!.{0,30}by (?:the )?recipient)",
    r"liste noire|schwarze[rn]? liste|lista negra|blackliste",
    r"(?:spam|pourriel|ind[ée]sirable|unsolicited|junk mail|\bbulk mail)(?![\w-]*\.[\w.-]*[a-z]{2}\b)|\bUCE\b|\bUBE\b",
    r"\bphish|\bvirus(?![\w-]*\.)|malware|malicious|\bworm\b|infected|trojan",
    r"\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework|unauthenticated|"
    r"(?:not|isn'?t|fails?|failed|must|lacks?).{0,40}authenticat",
    r"\breputation\b|poor rep|backscatter|bounce address tag",
    r"(?:\bip\b|adresse ip|\bhost|client|server|serveur|domain)\b.{0,60}(?:blocked|banned|bloqu|gesperrt|"
    r"blockiert|bloquead)",
    r"(?:blocked|banned|bloqu[ée]e?|gesperrt) .{0,40}\b(?:ip|address \[|host|serveur)",
    r"part of their network is on our block list|banned sending ip",
    r"\bS3(?:140|150)\b|\bBL000\d{3}|\bOU-00\d|\bSC-00\d|\bDY-00\d",
    r"mail rejet[ée].{0,40}\bofr_?\d",
    r"reverse dns|\bPTR\b|\bfcrdns\b|(?:cannot find|could not find|no) (?:your )?(?:reverse )?hostname|"
    r"client host rejected|helo command rejected|invalid helo|bad helo",
    r"(?:message|mail|content|contenu|e-?mail) (?:was |has been |a [ée]t[ée] |est )?(?:rejected|refused|"
    r"blocked|rejet[ée]|refus[ée]|bloqu[ée]|abgelehnt)[^.]{0,40}(?:content|policy|policies|filter|"
    r"contenu|politique|filtre|richtlinie)",
    r"(?:content|policy|security|richtlinien?|inhalts)\w{0,12}[- ](?:reasons?|restrictions?|violation|reject|"
    r"filter|gr[üu]nden)|violat\w{1,20} .{0,20}polic|local policy|administrative(?:ly)? prohibit",
    r"raisons? de s[ée]curit[ée]|politique de s[ée]curit[ée]|message refus[ée] par le filtre",
    r"(?:message|mail|attachment|content|e-?mail|subject|body)\b.{0,60}(?:contains? |has )?.{0,30}(?:blocked by|"
    r"forbidden|prohibited|banned|quarantin|filtered|unacceptable|inappropriate|not (?:allowed|permitted|accept"
    r"able))|banned (?:content|word|file|phrase)",
    r"classified as|considered|looks like (?:an? )?(?:ad|bulk|commercial)",
)

# Names of those who filter. They also stand in the addresses of pages about unknown users, so
# they only count where nothing surer is said.
FILTERERS = Words(
    r"spamhaus|spamcop|barracuda(?:central)?|\bsorbs\b|\buceprotect|\bvade ?secure|cloudmark|"
    r"abusix|invaluement|proofpoint|senderscore|\bsurbl\b|\buribl\b|mailspike|manitu|spam",
)

FULL = Words(
    r"(?:mail ?box|mail ?folder|inbox|user|account|storage|bo[iî]te|postfach|buz[óo]n|konto|recipient|caixa|"
    r"casella|directory).{0,60}"
    r"(?:\bfull\b|over ?quota|quota|pleine|satur[ée]e|voll\b|[üu]berf[üu]llt|llen[oa]|storage (?:space|limit)|"
    r"size limit|exceeded .{0,20}(?:size|storage|limit)|maximum (?:size|storage|allowed)|cheia|piena|overflow)",
    r"(?:not (?:have )?enough|insufficient|no) (?:\w+ ){0,2}(?:space|storage)|space (?:is )?not enough|(?:too many|zu ?viele) (?:messages|mails|nachrichten) (?:on|in|auf|im)\b|"
    r"(?:mail ?box|user|account).{0,20} exceeds? (?:its |the )?(?:allowed|maximum|size|limit)|overdrawn|"
    r"over[- ]?quota|(?<!message )quota (?:exceeded|full|d[ée]pass[ée]|violation)|exceed(?:s|ed|ing)? .{0,30}\bquota|"
    r"quota has been|out of (?:storage|disk|space)|insufficient (?:system |disk )?(?:storage|space)|"
    r"disk (?:space|quota|full)|speicherplatz|no space left|would exceed|too much mail data|mailbox is full|"
    r"inbox full|full mailbox|容量|空き領域|переполнен|квота|przepełnion|meghaladta|kota(?:sı)? (?:dolu|aş)|"
    r"ممتلئ|配额|已满|초과",
)

DISABLED = Words(
    r"(?:mail ?box|account|user|compte|bo[iî]te|konto|recipient|address|domain).{0,40}(?:temporarily|"
    r"suspended|on hold|locked|is inactive|inactive\b|(?:is|has been|was|been) disabled|disabled|currently|"
    r"deactivated|not active|discontinued|frozen|expired|d[ée]sactiv|suspendu|bloqu[ée]|vor[üu]bergehend|"
    r"deaktiviert|gesperrt|desactivad|suspendid|disattivat|nieaktywn)",
    r"(?:inactive|disabled|suspended|deactivated|locked) (?:user|mailbox|account|recipient)|account (?:inactive|disabled)",
    r"\[SUSPEND\]|заблокирован|отключ[её]н|accounts? .{0,20}closed temporarily",
    r"(?:not|n'?t|no longer) (?:currently )?(?:accepting|accept|accepts|receiving|receive|able to receive) (?:any )?"
    r"(?:new )?(?:mail|e-?mail|messages)\b(?! from (?:your|this))",
)

GREY = Words(
    r"gr[ae]y ?list|gr[ae]y-list",
    r"try again|please retry|r[ée]essay|sp[äa]ter (?:noch ?mal|erneut|wieder)|int[ée]ntelo",
)

_ADDRESS = (
    r"(?:user ?(?:name|id)?|recipient|mail ?box|mail account|e-?mail (?:address|account)|e-?mail|account|"
    r"address(?:ee)?|login|local[ -]part|alias|customer|subscriber|destination|member|person|recipients?|name)"
)
_NEGATED = (
    r"(?:does ?n[o']t (?:seem to )?exist|do not exist|doesn'?t exist|doesn'?t have|can ?not be found|could ?n[o']t be found|"
    r"couldn'?t be found|wasn'?t found|was not found|(?:is |were |are )?not (?:be )?found\b|"
    r"no longer (?:exists?|available|valid|active|in use|on server|used|here|with|works)|"
    r"(?:is |are )?(?:not|un)[- ]?(?:known|recognized|recognised|registered)|(?:is |are )?unknown|not exists?\b|non-?exist|not existing|"
    r"(?:is|are) not (?:an? )?(?:valid|known|registered|local|current|legal|real|recognized|correct|active address)|isn'?t (?:a )?(?:valid|known|correct)|invalid|"
    r"is not (?:here|our|listed|in our|on (?:this|our))|not listed|isn'?t listed|undefined|has been (?:deleted|removed|closed|cancell?ed|terminated)|"
    r"was (?:deleted|removed)|is (?:closed|deleted|removed|terminated|bad|wrong|incorrect)|terminated|unavailable: user)"
)

UNKNOWN = Words(
    # English
    rf"(?:unknown|no such|nonexist[ea]nt|non-exist[ea]nt|invalid|bad|illegal|unrecogni[sz]ed|incorrect|unexisting|unrout(?:e)?able)[ _]"
    rf"(?:\w{{1,20}}[ -]){{0,2}}?{_ADDRESS}\b(?! (?:list|format of sender))",
    rf"{_ADDRESS}\b[^.;]{{0,90}}?{_NEGATED}",
    rf"@[\s\"'>.:)-]{{0,5}}{_NEGATED}",
    r"\bno (?:\w+ ){0,2}(?:mail ?box|mail ?drop|account|user|recipient|e-?mail address|address)s?\b.{0,30}?(?:by|with|for|under|called|named|here|found|exists?)\b",
    r"\bno mail ?box\b|no such (?:\w+ )?(?:person|alias|local|name|email|id\b|here|\(?@)|no such user",
    r"\b(?:we|i) (?:have|know) no (?:such|user)|not our (?:customer|user)|user not local|not a local (?:user|mailbox)|"
    r"(?:can ?not|can'?t|unable to|could ?n[o']t) (?:find|locate|resolve|match|identify) (?:\w+ ){0,3}?(?:user|recipient|mailbox|account|address|alias)",
    r"resolver\.adr\.(?:recip|ex)?(?:recip)?notfound|recipnotfound|adr\.exrecipnotfound|unknown_address_error",
    r"not listed in .{0,40}(?:directory|address book|table)|user not listed",
    r"unknown in (?:virtual|relay|local)|in (?:virtual|relay|local) recipient table",
    r"recipient address rejected: (?:undeliverable|invalid|unknown|user|unverified recipient)|#?5\.1\.0 address rejected",
    r"\bunknown\b.{0,3}\(?@|(?:^|[\s:.;-])@ ?[>:.]{0,4} ?(?:is )?(?:unknown|does not exist|not found|doesn't exist|not known|no existe|invalid)\b",
    r"doesn'?t have an? \S{1,40} account|does not have an? \S{0,40} ?(?:account|mailbox|e-?mail)",
    r"requested action not taken: mailbox (?:unavailable|not found)",
    r"(?:user|mailbox|recipient|account|address)[ _-]?(?:not[ _-]?found|unknown|non[ _-]?existent)|unknown[ _-]user|"
    r"not a mailbox|isn'?t a (?:valid|known)|no valid recipients? (?:found|for)|no longer (?:on server|(?:employed|working) )",
    r"(?:has|have) (?:left|moved|changed)\b.{0,40}(?:address|no forward)|no forwarding address",
    r"(?:couldn'?t|can'?t|unable to) (?:find|deliver) .{0,20}(?:any|such) (?:user|account)|mailbox name .{0,20}not",
    r"unallocated|user has no mailbox|(?:recipient|rcpt|user).{0,40}(?:is not|isn'?t) (?:on|in|at|from) (?:this|our|the) ",
    r"5\.1\.1.{0,20}(?:rejected|refused|denied|mailbox unavailable)|nosuch|verify the (?:recipient|address).{0,20}spelled",
    r"(?:not|isn'?t) (?:an? )?(?:valid|known|local|registered|legal|existing) (?:e-?mail )?"
    rf"{_ADDRESS}\b|(?:mail ?box|address|recipient|user) (?:is )?not (?:present|ok|accepted)\b",
    r"(?:bad|valid)rcptto|bad rcpt|can'?t accept (?:user|recipient)|envelope recipient has been denied|"
    r"(?:no ?one|nobody) (?:here )?(?:at|by) (?:this|that) (?:address|name)|address no longer accepts|"
    r"no valid recipients|missing home directory|inexist[ea]nt|not found by smtp address lookup",
    # French
    r"(?:adresse|bo[iî]te(?: aux lettres)?|compte|utilisateur|destinataire|messagerie)s?\b[^.;]{0,80}?"
    r"(?:inconnue?s?\b|inexistante?s?\b|n'?existe(?:nt)? (?:pas|plus)|invalides?|introuvables?|non valide|"
    r"r[ée]sili[ée]e?|supprim[ée]e?|n'est (?:pas|plus) (?:connue?|valide|r[ée]pertori|utilis)|non trouv[ée]e?|"
    r"n'a (?:pas )?(?:pu )?(?:[êe]tre |[ée]t[ée] )?(?:pas [ée]t[ée] )?trouv|erron[ée]e?)",
    # German
    r"\b(?:adressat|empf[äa]nger(?:adresse)?|benutzer|postfach|adresse|nutzer|mailbox|e-?mail|konto|person|teilnehmer)[^.;]{0,80}?"
    r"(?:unbekannt|existiert nicht|nicht (?:bekannt|gefunden|vorhanden|aufgef|existent|mehr g[üu]ltig)|ung[üu]ltig|gibt es nicht|"
    r"konnte nicht gefunden)",
    r"unbekannte[rs]? (?:empf[äa]nger|benutzer|nutzer|adresse)|kein(?:e[rn]?)? (?:solche[rsn]? )?(?:benutzer|postfach|mailbox|konto)|"
    r"nicht existierende[rs]?",
    # Spanish, Portuguese, Italian, Dutch
    r"\b(?:usuario|destinatario|cuenta|buz[óo]n|direcci[óo]n|correo)[^.;]{0,80}?(?:desconocid|no (?:existe|se (?:ha )?encontr|es v[áa]lid|pudo encontr)|"
    r"inexistente|inv[áa]lid)|usuario desconocido|no existe (?:el|la|ese|esa|este|dich[oa]) (?:usuario|cuenta|buz|direcci|persona)",
    r"nessun\w? utente|\b(?:utente|casella|destinatario|indirizzo|account)[^.;]{0,80}?(?:sconosciut|inesistente|non (?:esiste|trovat|valid|[èe] stato trovat|presente))",
    r"\b(?:utilizador|usu[áa]rio|conta|caixa|endere[çc]o|destinat[áa]rio)s?\b[^.;]{0,80}?(?:desconhecid|n[ãa]o (?:existe|encontrad|foi (?:poss[íi]vel )?encontr)|"
    r"inexistente|inv[áa]lid)",
    r"gebruiker .{0,20}onbekend|onbekende gebruiker|bestaat niet|(?:adres|ontvanger|gebruiker).{0,40}niet (?:gevonden|bekend)|onbekend adres",
    # Nordic, Slavic, Hungarian, Turkish, Greek
    r"(?:finns|findes|finnes) (?:inte|ikke)|ok[äa]nd (?:mottagare|anv[äa]ndare)|ukendt (?:modtager|bruger)|ukjent (?:mottaker|bruker)|"
    r"(?:vastaanottajaa|osoitetta|käyttäjää) ei (?:löydy|ole)",
    r"(?:u[żz]ytkownik|adres|konto|skrzynk|odbiorc)\w{0,12}[^.;]{0,60}?(?:nieznan|nie istnieje|nie ma\b|nie zosta)|nie ma takiego|nieznany (?:u[żz]ytkownik|adres|odbiorca)|nie istnieje",
    r"пользовател\w{0,12} .{0,40}не (?:найден|существует|зарегистрирован)|(?:нет|неизвестн\w{1,20}) (?:такого )?(?:пользовател|адресат|получател)|"
    r"(?:ящик|адрес|аккаунт)\w{0,12} .{0,40}не (?:найден|существует)|несуществующ|(?:ящик|пользователь) удал[её]н",
    r"neexistuje|nezn[áa]m[ýá] (?:u[žz]ivatel|adres|p[řr][íi]jemc)|neznan (?:uporabnik|prejemnik)|ne postoji|nu exist[ăa]|utilizator necunoscut",
    r"nem l[ée]tez|ismeretlen (?:felhaszn|c[íi]mzett)|kullan[ıi]c[ıi] (?:yok|bulunamad|tan[ıi]nm)|al[ıi]c[ıi] .{0,30}(?:bulunamad|ge[çc]ersiz)|adres bulunamad|"
    r"άγνωστος (?:χρήστης|παραλήπτης)|δεν (?:υπάρχει|βρέθηκε)",
    # Japanese, Chinese, Korean, Arabic, Persian, Hebrew
    r"(?:存在し(?:ない|ません)|見つかりません|見つかりませんでした|宛先不明|あて先不明|該当する.{0,20}ありません|(?:リスト|ディレクトリ).{0,10}ありません|登録されて(?:いない|いません)|ユーザー?不明|受信者が不明|宛先.{0,10}(?:誤り|間違))",
    r"(?:用户|收件人|邮箱|账号|帐号|帳號|使用者|地址|信箱|郵箱).{0,20}(?:不存在|未找到|找不到|无效|無效|不正确|错误)|(?:找不到|无此|無此|不存在|没有该|查无此).{0,10}(?:用户|使用者|收件人|邮箱|人|帐号|信箱)",
    r"(?:사용자|수신자|메일|계정|주소).{0,20}(?:존재하지 않|없습니다|찾을 수 없|알 수 없)|존재하지 않는|없는 (?:사용자|계정|주소)",
    r"غير (?:موجود|معروف)|لا يوجد (?:مستخدم|حساب|عنوان)|(?:تعذر|لم يتم|لا يمكن) (?:ال)?عثور على (?:ال)?(?:عنوان|مستخدم|مستلم)|لم يُ?عثر على|وجود ندارد|לא (?:קיים|נמצא)",
    # domains
    r"(?:host|domain)(?: or domain)?(?: name)?(?: \S{1,80})? (?:does ?n[o']t exist|doesn'?t exist|not found|is (?:unknown|invalid|not valid)|unknown|could ?n[o']t be found|not exist|has no (?:mx|mail))",
    r"host or domain name not found|(?:unknown|no such|non-?exist[ea]nt|illegal|invalid|bad) (?:mail )?(?:host|domain)|\bnxdomain\b|domaine? (?:inconnu|inexistant|invalide)|"
    r"nonexistentdomain|unrout(?:e)?able (?:mail )?(?:domain|address)|unroutable|(?:couldn'?t|could not|can'?t|cannot|unable to) (?:find|resolve|look ?up) (?:any |the |a )?(?:host|domain|mail (?:host|exchanger|server)|mx|dns|ip|a record)",
    r"domain must exist|no (?:valid )?(?:mx|mail exchanger|mail server|a record|dns)\b.{0,30}(?:record|found|for|domain|host|or)|all (?:relevant )?(?:mx records point to non-?existent|host address lookups failed)|"
    r"null ?mx|domain .{0,60}(?:does not|doesn'?t) (?:accept|receive|handle) (?:e-?)?mail|domain(?:n[äa]me)? .{0,40}(?:nicht gefunden|existiert nicht|unbekannt)|dominio .{0,40}(?:no existe|inexistente|desconocido|non esiste|sconosciuto)",
)

ACCESS = Words(
    r"relay(?:ing)? (?:access )?(?:is )?(?:denied|not permitted|not allowed|prohibited)|(?:unable|not allowed|refus\w{1,20}|cannot|not permitted|no permission|denied) (?:to )?(?:perform )?relay|"
    r"not (?:a|an open) (?:open )?relay|relay attempt|\bas a relay|isn'?t in my list of allowed rcpthosts|rcpthosts",
    r"(?:only|must).{0,40}authenticated (?:users|senders)|restricted (?:group|recipient)|"
    r"not (?:authori[sz]ed|allowed|permitted) to send (?:mail |messages |e-?mail )?(?:to|as)|"
    r"delivery not authorized|resolver\.rst\.|authentication required",
    r"(?:recipient|user|mailbox).{0,40}(?:refuses|does ?n[o']t want|only accepts?|is only accepting|restrict|has blocked|blocks|white ?list)|"
    r"blocked by (?:the )?(?:recipient|user)|by recipient'?s|recipient(?:'s)? preferences",
)

SENDER = Words(
    r"sender (?:address |domain )?(?:is )?(?:rejected|unknown|denied|verify failed|not|invalid|refused)|sender domain|domain of sender|"
    r"(?:unknown|invalid|unverified|unresolvable|bad|unroutable) sender|sender .{0,60}(?:does not exist|not found|unknown|verif|denied|cannot|could not|invalid)|"
    r"(?:return|envelope|from|originator|mail from)[- ]?(?:path|address)? .{0,40}(?:invalid|unknown|does not (?:exist|resolve)|rejected|refused)",
    r"sender'?s? .{0,20}address .{0,30}(?:exist|unknown|invalid|not )|exists? as (?:a )?sender|"
    r"headers? fail|syntax check",
    r"exp[ée]diteur (?:inconnu|refus|invalide|rejet)|absender.{0,30}(?:unbekannt|abgelehnt|ung)|in reply to MAIL FROM",
)

_OF_OURS = (
    r"(?:\bsender|return[- ]path|reply-to|message-id|\bhelo|\behlo|\bclient|[ée]metteur|exp[ée]diteur|"
    r"adresse ip|\bip (?:address|adresse)|attachment|certificate|server name|"
    r"your (?:mail |e-?mail |sending )?(?:domain|host(?:name)?|server|account|ip))\b"
)
_WRONG = (
    r"(?:not found|unknown|invalide?\b|does ?n[o']t exist|doesn'?t exist|n'existe (?:pas|plus)|inconnue?|inexistante?|"
    r"introuvable|not (?:valid|registered|known)|could ?n[o']t be found|null ?mx)"
)

# Something of ours is said to be unknown, not the reader: taken out before the words of UNKNOWN
# are looked for.
ABOUT_US = Words(
    rf"{_OF_OURS}[^.;:]{{0,40}}?{_WRONG}",
    r"lookup of your \w{1,20} failed: (?:host|domain) not found",
    r"(?:domaine?|adresse?|address) (?:inconnue?|invalide?|unknown)[^.;:]{0,20}?(?:[ée]metteur|exp[ée]diteur|sender)",
)

# What they call their rules is not what they say of this message.
RULES = Words(
    r"(?:see|read|refer to|voir|lisez|consulte[rz]) (?:our|the|notre|la) [^.;:]{0,30}?(?:polic\w{1,3}|politique)"
)

TRANSPORT = Words(
    r"connection (?:timed ?out|refused|reset|dropped|lost|failed|closed|died|was )|timed ?out|no route to host|network is unreachable|"
    r"operation timed|could ?n[o']t connect|unable to connect|cannot connect|lost connection|(?:host|server|network).{0,20}(?:unreachable|is down|not responding)|"
    r"mail loop|loops? back|routing loop|too many hops|hop count|max(?:imum)? hops|delivery (?:time|period) expired|"
    r"(?:retry|queue|delivery|message) (?:time(?:out)? )?(?:has )?(?:not reached|expired|timeout)|been in (?:the )?queue too long|queue too long|"
    r"in the queue .{0,20}(?:days|hours)|temporar(?:y|ily) (?:failure|lookup|unavailable|error|resolver|unable|dns)|(?:temporary|transient)|"
    r"(?:host|name server|domain).{0,60}(?:try again|timeout)|name service error.{0,60}try again|giving up|remote host (?:not|refused)|"
    r"mail for \S{1,80} loops|best-preference mx|could not be delivered within|keep(?:s|ing)? trying|not deliver(?:ed)? (?:it|your message) for|system error|mailer error|"
    r"(?:command|program|mail delivery agent|\bmda\b) .{0,30}(?:died|failed|exit)|can'?t create|permission denied|input/output error|service unavailable|internal (?:server )?error|unexpected error",
)

LATER = Words(
    r"(?:not found|failure|error|failed|timeout),? (?:please )?try (?:again|later)|name service error.{0,80}try again|"
    r"(?:lookup|resolv|dns).{0,40}(?:temporar|try again|did not complete|timed? ?out)|temporar\w{1,20} .{0,30}(?:lookup|resol|dns)",
)

UNAVAILABLE = Words(r"mail ?box (?:is )?unavailable")

NO_MAIL = Words(r"null ?mx|domain \S{1,80} (?:does not|doesn'?t) accept (?:e-?)?mail")

SIZE = Words(
    r"(?:message|mail|nachricht|e-?mail|body|content) (?:\w+ ){0,3}(?:too (?:large|big|long)|exceed\w{0,12} .{0,40}(?:size|limit|length))|max(?:imum)? (?:message|mail) size|"
    r"(?:message|mail) size (?:\w+ ){0,3}(?:exceed|limit|too)|sizelimit|message trop (?:gros|volumineux|grand)|nachricht (?:ist )?zu gro|size limit=|exceeded the maximum .{0,20}size",
)

OURS = Words(
    r"message (?:size|is too (?:large|big)|too (?:large|big))|too large|exceeds .{0,30}size|"
    r"message trop (?:gros|volumineux)|nachricht zu gro|too (?:big|long)|size limit|maximum (?:message )?size|zu gro(?:ß|ss)|demasiado grande",
    r"\bnot rfc\b|rfc ?5?[28]\d\d|malformed (?!.{0,20}name ?server)|syntax error|(?:invalid|missing|bad|duplicate|illegal|no|multiple) (?:\S+ )?header|header .{0,30}(?:invalid|missing|allow|error|limit)|bare (?:lf|cr|<)|"
    r"(?:line|ligne) .{0,10}too long|(?:8|eight)[- ]?bit|smtputf8|not rfc|conversion|unrecognized command|bad sequence",
)
