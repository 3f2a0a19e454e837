"""Refusals as large providers word them (written for these tests), and what they mean."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.classifier import Verdict, classify, judge
from colporteur.delivery.transports import Reply

HARD = """
550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos. gsmtp
550 5.2.1 The email account that you tried to reach does not exist. gsmtp
550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). No such user here
550 5.4.1 Recipient address rejected: Access denied. User unknown [DB5EUR03FT041.eop-EUR03.example]
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient r@example.com not found by SMTP address lookup
554 delivery error: dd This user doesn't have a yahoo.example account (r@yahoo.example) [-5]
552 1 Requested mail action aborted, mailbox not found
550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_418
550 5.1.1 <r@wanadoo.example>: Recipient address rejected: User unknown in relay recipient table
550 adresse inconnue
550 5.1.1 Adresse de destination inconnue
550 5.1.1 <r@laposte.example>: boite aux lettres inexistante
550 Cette adresse n'existe plus
550 5.1.1 <r@sfr.example> compte supprimé
550 5.1.1 <r@example.org>: Recipient address rejected: User unknown in local recipient table
550 5.1.1 <r@example.org>: Recipient address rejected: User unknown in virtual mailbox table
550 5.1.1 <r@example.org>... User unknown
550 Unrouteable address: no such user
550 No Such User Here
553 sorry, no mailbox here by that name. (#5.1.1 - chkuser)
511 sorry, no mailbox here by that name (#5.1.1)
550 5.1.2 <r@nowhere.example>: Host or domain name not found. Name service error
550 5.1.3 bad destination mailbox address syntax
556 5.1.10 Recipient address has null MX
550 Requested action not taken: mailbox unavailable; Empfänger existiert nicht
550 5.1.1 unbekannter Empfänger
550 Benutzer unbekannt
550 Usuario desconocido
550 La cuenta no existe
550 Utente sconosciuto
550 5.1.1 Mailbox does not exist
554 5.7.1 <r@example.org>: Recipient address rejected: user does not exist
550 Invalid Recipient
550 Addressee unknown
550 5.1.1 Mail-Box unbekannt
550 5.1.0 Address rejected.
551 5.1.6 The recipient moved and left no forwarding address
550 This address no longer accepts mail
550 Requested action not taken: mailbox unavailable
550 Inexistent user
550 Unrouteable address
550 all relevant MX records point to non-existent hosts
550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain
550 User anne not listed in Domino Directory
550 "r@example.org" is not a known user
550 Nie ma takiego użytkownika
550 Такой пользователь не найден
550 用户不存在
550 該当するアドレスがありません
550 존재하지 않는 사용자
550 المستخدم غير موجود
550 5.1.1 User unknown, see https://support.example/spamhaus-and-barracuda
550 host barracuda.example.org[192.0.2.8] said: No such user
""".strip().splitlines()
SOFT = """
552 5.2.2 The email account that you tried to reach is over quota. gsmtp
452 4.2.2 The recipient's inbox is out of storage space. gsmtp
552 5.2.2 Mailbox full
552 4.2.2 user over quota
550 5.1.1 Boîte pleine
550 Postfach voll
550 5.2.1 The user's mailbox has been disabled temporarily
550 5.2.1 Account inactive
550 5.4.4 Unable to route
550 5.4.6 Routing loop detected
554 5.4.14 Hop count exceeded - possible mail loop
550 5.7.1 RESOLVER.RST.AuthRequired; authentication required
550 5.7.1 <r@example.org>: Relay access denied
550 5.7.1 You are not allowed to send to this distribution list
550 relay not permitted
450 4.2.0 <r@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example
451 4.7.1 Greylisting in action, please come back later
451 4.3.0 Mail server temporarily rejected message
450 4.1.1 <r@example.org>: Recipient address rejected: unverified address
450 4.1.1 User unknown
451 Temporary local problem - please try later
452 4.3.1 Insufficient system storage
550 5.0.0 Rejected
550 5.1.1 Mailbox disabled for this recipient
550 5.1.1 Refused due to recipient preferences
550 5.4.4 Host or domain name not found. Name service error for name=example.org type=MX: Host not found, try again
550 Maximum hop count exceeded
550 Mailbox does not have enough space
550 User has too many messages on the server
550 5.2.1 mailbox unavailable
450 Requested action not taken: mailbox unavailable
""".strip().splitlines()
RATE = """
421 4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address. gsmtp
450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery. gsmtp
421 4.7.28 Gmail has detected an unusual rate of mail
421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints
421 RP-001 (SNT004-MC1F43) Unfortunately, some messages from 192.0.2.1 weren't sent. Exceeded the connections allowed
451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)
421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]
550 5.2.0 Mail rejete. Mail rejected. Too many messages OFR_506 [506]
421 Too many spams from your IP (192.0.2.1), please visit postmaster.free.example
421 4.7.0 Too many errors
421 4.3.2 Service shutting down
452 4.5.3 Zu viele Verbindungen
450 4.7.1 Error: too much mail from 192.0.2.1
451 4.7.1 Rate limit exceeded
421 4.7.1 Service refuse. Veuillez essayer plus tard. OFR005_105
550 5.7.1 Daily message quota exceeded, limit of sender reached
""".strip().splitlines()
POLICY = """
550 5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. gsmtp
550 5.7.26 This mail has been blocked because the sender is unauthenticated. DKIM = did not pass
550 5.7.26 Unauthenticated email from relais.example is not accepted due to domain's DMARC policy
550 5.7.515 Access denied, sending domain relais.example doesn't meet the required authentication level
550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list (S3140).
550 5.7.606 Access denied, banned sending IP [192.0.2.1]
554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org
553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list
554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahoo.example
550 5.1.1 Mail refused: your IP is on a blacklist, user unknown is not the matter
554 5.7.1 Message rejeté: spam
550 5.7.1 Ce message est considéré comme indésirable
550 5.7.1 Votre adresse IP est en liste noire
554 Transaction failed. IP 192.0.2.1 gesperrt
550-5.7.25 The IP address sending this message does not have a PTR record
450 4.7.25 Client host rejected: cannot find your hostname
554 5.7.1 This message contains a virus
550 5.7.23 SPF validation failed
550 5.7.1 Poor reputation of the sending domain
550 Backscatter protection detected an invalid or expired email address
550 blocked, see https://www.spamhaus.example/query
""".strip().splitlines()
MESSAGE = """
552 5.3.4 Message size exceeds fixed maximum message size
552 5.2.3 Message too large
550 5.1.8 <a@relais.example>: Sender address rejected: Domain not found
553 5.1.7 sender malformed
554 5.6.0 Message contains invalid header
501 5.5.4 Syntax error in parameters
550 5.6.7 Address needs SMTPUTF8
550 Absender abgelehnt
535 5.7.8 Username and Password not accepted
550 The sender's address does not exist
550 5.1.1 RCPT TO:<r@example.org> max message size exceeded
550 Message headers fail syntax check: unknown header address
""".strip().splitlines()
CASES = [
    *((line, Verdict.HARD) for line in HARD),
    *((line, Verdict.SOFT) for line in SOFT),
    *((line, Verdict.RATE) for line in RATE),
    *((line, Verdict.POLICY) for line in POLICY),
    *((line, Verdict.MESSAGE) for line in MESSAGE),
    ("550 ", Verdict.SOFT),
]


@pytest.mark.parametrize(("line", "meant"), CASES)
def test_a_refusal_is_understood(line: str, meant: Verdict):
    reply = Reply(int(line[:3]), line[4:])
    assert classify(reply.code, reply.enhanced, reply.text) is meant


ABOUT_US = [
    "550 5.7.1 DNS lookup of your host failed: host not found",
    "550 client name not found",
    "550 Your server name could not be found",
    "550 5.7.1 Adresse IP inconnue",
    "550 Votre adresse IP n'existe pas dans notre base",
    "550 Domaine inconnu de l'emetteur",
    "550 your domain is not valid",
    "550 The Return-Path address is not valid",
    "550 Email address in Reply-To is invalid",
    "554 The file attachment name is invalid",
    "550 Certificate name not found in DANE record",
    "550 5.7.27 Sender address has null MX",
]


@pytest.mark.parametrize("line", ABOUT_US)
def test_what_is_unknown_of_ours_is_held_against_no_reader(line: str):
    reply = Reply(int(line[:3]), line[4:])
    meant = classify(reply.code, reply.enhanced, reply.text)
    assert meant in {Verdict.MESSAGE, Verdict.POLICY}


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 <lea@example.org>: User unknown in virus.net mailbox table",
        "550 5.1.1 Recipient unknown. See our spam policy at https://mx.example/policy",
        "550 5.1.1 Your message was not taken: no such user",
    ],
)
def test_names_of_hosts_and_rules_blame_nobody(line: str):
    reply = Reply(int(line[:3]), line[4:])
    assert classify(reply.code, reply.enhanced, reply.text) is Verdict.HARD


@given(st.integers(400, 499), st.sampled_from([line[4:] for line in HARD]))
def test_nothing_temporary_is_ever_hard(code: int, text: str):
    assert classify(code, None, text) is not Verdict.HARD


@given(
    st.integers(0, 599),
    st.none() | st.from_regex(r"[45]\.[0-9]\.[0-9]{1,3}", fullmatch=True),
    st.text(),
)
def test_any_words_get_a_verdict(code: int, enhanced: str | None, text: str):
    assert classify(code, enhanced, text) in Verdict


def test_long_words_take_no_longer_than_short_ones():
    for word in ("user ", "mailbox", "adresse ", "ip ", "limit ", "message ", "no x", "konto"):
        started = time.process_time()
        assert classify(550, None, (word * 2000)[:2000]) in Verdict
        assert time.process_time() - started < 0.25  # a tenth of it as a rule


def test_the_rule_that_decided_is_told():
    assert judge(550, "5.1.1", "User unknown").why == "no such address"
    assert judge(550, "5.1.1", "").why == "code 5.1.1"
    assert judge(550, None, "Mailbox full").why == "mailbox full"
    assert not judge(550, None, "Because.").sure
