"""Section signing: a reader's message composed and signed, beside the libraries most people use."""

import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from dkim.canonicalization import Relaxed, Simple
from house import TEMPLATES
from mails import SATURDAY, SITE, brought, card, paper

from bench.measuring import median_us
from colporteur.config.dkim import read_key
from colporteur.delivery.composing import Post, Recipient, compile_post, reader_message
from colporteur.delivery.dkim import Signer
from colporteur.delivery.dkim.keys import new_key
from colporteur.digests.encoding import encode_part
from colporteur.digests.rendering import Rendering, render

_DOMAIN, _ADDRESS = "relais.example", "amina@example.org"
_ONCE = 15  # repetitions of what takes milliseconds
_COVERED = b"From To Subject Date Message-ID List-Unsubscribe List-Unsubscribe-Post".split()


@dataclass(frozen=True)
class Figures:
    """Microseconds a message of ``size`` bytes takes, medians of one run."""

    size: int
    compiling: float  # once for all readers
    composing: float
    composing_signed: float
    signature_floor: float  # of `cryptography` alone
    hashing: float  # of the body alone
    email_message: float
    dkimpy: float


def figures(rendering: Rendering) -> Figures:
    """What one variant's messages take, with us and with EmailMessage and dkimpy."""
    made = new_key(_DOMAIN, "col1")
    signer = Signer(_DOMAIN, "col1", read_key(made.pem))
    post = Post(paper(), brought().channel, "abcdef", SITE, "k" * 32, SATURDAY, 10)
    plain, signed = (compile_post(post, rendering, one) for one in (None, signer))
    data = plain.message(Recipient(7, 7, _ADDRESS))
    body = data.partition(b"\r\n\r\n")[2]
    pem = made.pem.encode()
    return Figures(
        size=len(data),
        compiling=median_us(
            lambda: compile_post(post, rendering, signer).message(Recipient(7, 7, _ADDRESS))
        ),
        composing=median_us(lambda: plain.message(Recipient(123_456, 123_456, _ADDRESS)), 400),
        composing_signed=median_us(
            lambda: signed.message(Recipient(123_456, 123_456, _ADDRESS)), 400
        ),
        signature_floor=median_us(lambda: signer.key.sign(data[:2000], PKCS1v15(), SHA256()), 400),
        hashing=median_us(lambda: hashlib.sha256(body).digest(), 400),
        email_message=median_us(lambda: _stdlib(post, rendering), _ONCE),
        dkimpy=median_us(
            lambda: dkim.sign(data, b"col1", _DOMAIN.encode(), pem, include_headers=_COVERED), _ONCE
        ),
    )


def section() -> None:
    """Compose and sign messages of about 45 and 10 KB."""
    for layout, articles in (("briefing", 13), ("text-first", 1)):
        cards = tuple(card("fr", number) for number in range(articles))
        rendering = render(TEMPLATES, brought("fr", layout, cards=cards))
        found = figures(rendering)
        print(f"\nA reader's message, composed and signed ({found.size / 1000:.0f} KB, RSA-2048)")
        rows = {
            "compiled, once for all its readers": found.compiling,
            "composed: token, headers, join": found.composing,
            "composed and signed": found.composing_signed,
            "  of which RSA itself": found.signature_floor,
            "  of which the body's SHA-256": found.hashing,
            "EmailMessage.as_bytes": found.email_message,
            "dkimpy": found.dkimpy,
        }
        for name, taken in rows.items():
            print(f"  {name:<46} {taken:>10.1f} µs")
        stock = found.email_message + found.dkimpy
        print(f"  {'stock to ours, unsigned':<46} {found.email_message / found.composing:>10.0f} x")
        print(f"  {'stock to ours, signed':<46} {stock / found.composing_signed:>10.1f} x")
        _canonical(rendering)


def _canonical(rendering: Rendering) -> None:
    """What relaxed/relaxed costs: canonicalising, or writing bodies so that nothing is left to do."""
    part = encode_part(rendering.html)
    added = 2 * len(re.findall(r" (?= )", rendering.html))  # "=20" for each blank of a run but one
    share = 100 * added / len(part.lines)
    for name, algorithm in (("relaxed", Relaxed), ("simple", Simple)):
        taken = median_us(lambda: algorithm.canonicalize_body(part.lines))  # noqa: B023 - at once
        print(f"  {f'the body made {name} by dkimpy':<46} {taken:>10.1f} µs")
    print(f"  {'octets that relaxed form adds to the HTML':<46} {added:>10d} ({share:.2f} %)")


def _stdlib(post: Post, rendering: Rendering) -> bytes:
    message = reader_message(post, rendering, Recipient(7, 7, _ADDRESS))
    built = EmailMessage(policy=SMTP)
    built["From"] = f"{message.sender_name} <{message.sender}>"
    built["To"] = message.recipient
    built["Subject"] = message.subject
    built.set_content(message.text, cte="quoted-printable")
    built.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return built.as_bytes()
