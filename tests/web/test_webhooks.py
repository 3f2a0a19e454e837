"""Webhooks of SES and Postmark, over HTTP."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from asking import asker, make_app
from fastapi import FastAPI
from hooks import (
    CERTIFICATE,
    CONFIRM,
    HOST,
    TOPIC,
    confirmation,
    notification,
    pem,
    postmark,
    ses_bounce,
    ses_complaint,
    signed,
)
from house import SITE, House
from returns import DOMAIN, KEY, delivery_to, drops, kept, sent, state_of, verp
from sink import Sink
from sqlalchemy import update

from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import writing
from colporteur.db.tables.delivery import deliveries
from colporteur.exceptions import FetchFailed
from colporteur.feedback.ways.postmark import Postmark
from colporteur.feedback.ways.ses import Ses
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.feedback import feedback_routes

pytestmark = [
    pytest.mark.smtp,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AMINA, BRUNO = "amina@example.org", "bruno@example.org"
CREDENTIALS = "postmark:0123456789abcdef"
BASIC = {"Authorization": "Basic " + base64.b64encode(CREDENTIALS.encode()).decode()}


@pytest.fixture
def house(house: House, smtp_sink: Sink) -> House:
    sent(house, smtp_sink, "amina", "bruno")
    return house


class Sns:
    """What lies at SNS's addresses; it remembers what was asked for."""

    def __init__(self) -> None:
        self.certificate = pem()
        self.asked: list[str] = []
        self.away = False

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        if self.away:
            raise FetchFailed("No answer.")
        return self.certificate


@pytest.fixture
def sns() -> Sns:
    return Sns()


@pytest.fixture
def tell(house: House, sns: Sns) -> Callable[..., httpx.Response]:
    """Tell a webhook something."""
    settings = Settings(secret_key=KEY, bounce_domain=DOMAIN, base_url=SITE)
    runtime = Runtime(settings, house.engine, Templates(settings.template_folders))
    hooks = [Ses([TOPIC], DOMAIN, sns.get, utcnow), Postmark(CREDENTIALS, DOMAIN)]
    app = FastAPI()
    app.include_router(feedback_routes(runtime, hooks))
    ask = asker(app)

    def tell(name: str, body: bytes, **headers: str) -> httpx.Response:
        return ask("POST", f"/feedback/{name}", content=body, headers=headers)

    return tell


def at(house: House, address: str) -> str:
    return verp(delivery_to(house, address))


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_bounce_that_ses_tells_ends_a_reader_once(house: House, sns: Sns, tell, version: str):
    said = signed(notification(ses_bounce(AMINA, at(house, AMINA)), SignatureVersion=version))
    assert [tell("ses", said).status_code for _ in range(3)] == [200] * 3
    assert (state_of(house, AMINA), state_of(house, BRUNO)) == ("bounced", "active")
    (row,) = kept(house)
    assert (row.source, row.smtp_code, row.enhanced_code, row.raw) == ("ses", 550, "5.1.1", said)
    assert sns.asked == [CERTIFICATE]


def test_a_complaint_counts_in_whichever_order_it_comes(house: House, tell):
    complaint = signed(notification(ses_complaint(f"Amina <{AMINA}>", at(house, AMINA))))
    bounce = signed(notification(ses_bounce(AMINA, at(house, AMINA))))
    not_spam = ses_complaint(BRUNO, at(house, BRUNO), complaintFeedbackType="not-spam")
    for said in (complaint, bounce, complaint, signed(notification(not_spam))):
        assert tell("ses", said).status_code == 200
    assert (state_of(house, AMINA), state_of(house, BRUNO)) == ("complained", "active")
    assert drops(house) == {"not_spam": 1}


@pytest.mark.parametrize(
    ("bounce", "verdict"),
    [
        ({"bounceSubType": "NoEmail", "bouncedRecipients": [{"emailAddress": AMINA}]}, "hard"),
        ({"bounceType": "Transient"}, "soft"),
        ({"bounceType": "Transient", "bounceSubType": "MessageTooLarge"}, "message"),
        ({"bounceType": "Undetermined", "bouncedRecipients": [{"emailAddress": AMINA}]}, "soft"),
    ],
)
def test_what_ses_calls_a_bounce_is_judged(house: House, tell, bounce, verdict: str):
    tell("ses", signed(notification(ses_bounce(AMINA, at(house, AMINA), **bounce))))
    assert [one.verdict for one in kept(house)] == [verdict]


def test_what_sns_did_not_sign_for_our_topic_is_refused_and_counted(house: House, sns: Sns, tell):
    good = notification(ses_bounce(AMINA, at(house, AMINA)))
    changed = json.loads(signed(good)) | {"Message": good["Message"].replace("f-1", "f-2")}
    other = TOPIC.replace("bounces", "others")
    unsigned = [
        json.dumps(changed),
        json.dumps(json.loads(signed(good)) | {"Signature": "!"}),
        json.dumps(good),
        signed(good | {"TopicArn": other}),
        signed(good | {"SignatureVersion": "1"} | {"SigningCertURL": "https://evil.example/a.pem"}),
        signed(good | {"SigningCertURL": CERTIFICATE.replace("https:", "http:")}),
        signed(good | {"SigningCertURL": CERTIFICATE.replace(".com/", ".com.evil.example/")}),
        signed(good | {"SigningCertURL": CERTIFICATE.replace("//", "//x@")}),
        signed(good | {"SigningCertURL": CERTIFICATE.replace("Simple", "../Simple")}),
        signed(good | {"SigningCertURL": f"{HOST}:99999/"}),
    ]
    for one in unsigned:
        assert tell("ses", one.encode() if isinstance(one, str) else one).status_code == 403
    sns.certificate = pem(-1)  # but the good one is known by now
    assert state_of(house, AMINA) == "active"
    assert drops(house) == {"forged": len(unsigned)}
    assert {*sns.asked} == {CERTIFICATE}
    assert tell("ses", b"[]").status_code == 400
    assert tell("ses", b"[" * 100_000).status_code == 400
    assert tell("ses", b"\xff\xfe").status_code == 400
    assert tell("other", b"{}").status_code == 404


def test_a_certificate_that_is_over_or_none_proves_nothing(house: House, sns: Sns, tell):
    said = signed(notification(ses_bounce(AMINA, at(house, AMINA))))
    sns.certificate = pem(-1)
    assert tell("ses", said).status_code == 403
    assert state_of(house, AMINA) == "active"


def test_while_sns_is_away_it_is_told_again_later(house: House, sns: Sns, tell):
    said = signed(notification(ses_bounce(AMINA, at(house, AMINA))))
    sns.away = True
    assert tell("ses", said).status_code == 503
    sns.away = False
    assert tell("ses", said).status_code == 200
    assert state_of(house, AMINA) == "bounced"


def test_who_names_certificates_that_there_are_not_waits(house: House, sns: Sns, tell):
    sns.away = True
    said = notification(ses_bounce(AMINA, at(house, AMINA)))
    made_up = CERTIFICATE.replace(".pem", "{:02d}.pem")
    answers = [
        tell("ses", signed(said | {"SigningCertURL": made_up.format(number)})).status_code
        for number in range(35)
    ]
    assert answers == [503] * 30 + [429] * 5
    assert len(sns.asked) == 30


def test_only_a_topic_that_is_set_is_confirmed_and_only_at_sns(house: House, sns: Sns, tell):
    assert tell("ses", signed(confirmation())).status_code == 200
    assert sns.asked == [CERTIFICATE, CONFIRM]
    other = TOPIC.replace("bounces", "others")
    for refused in (
        confirmation(TopicArn=other, SubscribeURL=CONFIRM.replace(TOPIC, other)),
        confirmation(SubscribeURL=CONFIRM.replace(TOPIC, other)),
        confirmation(SubscribeURL="https://evil.example/?Action=ConfirmSubscription"),
        confirmation(SubscribeURL=CONFIRM.replace("ConfirmSubscription", "Unsubscribe")),
        confirmation(SubscribeURL=CONFIRM.replace("https", "http")),
    ):
        assert tell("ses", signed(refused)).status_code == 403
    assert sns.asked == [CERTIFICATE, CONFIRM]
    assert tell("ses", signed(confirmation(Type="UnsubscribeConfirmation"))).status_code == 200
    assert sns.asked == [CERTIFICATE, CONFIRM]


def test_postmark_is_believed_with_its_password_alone(house: House, tell):
    with writing(house.engine) as connection:
        mine = update(deliveries).where(deliveries.c.id == delivery_to(house, AMINA))
        connection.execute(mine.values(relay_id="pm-1"))
    said = postmark(AMINA, "pm-1")
    wrong = base64.b64encode(b"postmark:0123456789abcdee").decode()
    for refused in (
        {},
        {"Authorization": f"Basic {wrong}"},
        {"Authorization": "Basic é€".encode()},
    ):
        assert tell("postmark", said, **refused).status_code == 403
    assert state_of(house, AMINA) == "active"
    assert tell("postmark", said, **BASIC).status_code == 200
    assert tell("postmark", said, **BASIC).status_code == 200
    assert state_of(house, AMINA) == "bounced"
    assert drops(house) == {"forged": 3}
    assert [(one.source, one.verdict) for one in kept(house)] == [("postmark", "hard")]


def test_what_postmark_calls_a_bounce_is_judged(house: House, tell):
    returned = f"Return-Path: <{at(house, AMINA)}>\r\n"
    for number, (kind, details) in enumerate(
        [
            ("SoftBounce", "smtp;550 5.1.1 User unknown"),
            ("HardBounce", "smtp;550 5.7.1 blocked using zen.spamhaus.org"),
            ("SpamNotification", "smtp;554 no"),
            ("AutoResponder", "away"),
            ("Unsubscribe", ""),
        ]
    ):
        more = {"Type": kind, "Details": details, "ID": number, "Content": returned}
        assert tell("postmark", postmark(AMINA, "?", **more), **BASIC).status_code == 200
    assert sorted(one.verdict for one in kept(house)) == ["policy", "policy", "soft"]
    assert drops(house) == {"auto_reply": 1}
    complaint = postmark(
        AMINA, "?", RecordType="SpamComplaint", Type="SpamComplaint", Content=returned
    )
    tell("postmark", complaint, **BASIC)
    assert state_of(house, AMINA) == "complained"


def test_who_tells_too_much_or_lies_too_often_waits(house: House, tell):
    assert tell("postmark", b"x" * (2**20 + 1), **BASIC).status_code == 413
    answers = [tell("postmark", b"{}").status_code for _ in range(40)]
    assert answers.count(403) == 30
    assert answers[-1] == 429
    assert drops(house) == {"forged": 30}


def test_a_webhook_is_there_when_it_is_set_up_alone(house: House, tmp_path: Path):
    said = signed(notification(ses_bounce(AMINA, ""), TopicArn=f"{TOPIC}x"))
    ask = asker(make_app(house, tmp_path))
    assert ask("POST", "/feedback/ses", content=said).status_code == 404
    ask = asker(make_app(house, tmp_path, feedback_ses_topics=TOPIC))
    assert ask("POST", "/feedback/ses", content=said).status_code == 403
    assert ask("POST", "/feedback/postmark", content=b"{}").status_code == 404
    ask = asker(make_app(house, tmp_path, feedback_postmark=CREDENTIALS))
    assert ask("POST", "/feedback/postmark", content=b"{}").status_code == 403
