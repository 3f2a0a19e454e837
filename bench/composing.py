"""Section composing: a variant by its steps, and a reader's message, beside what others take."""

from email.message import EmailMessage
from email.policy import SMTP

import css_inline
from house import TEMPLATES
from mails import SATURDAY, brought, card

from bench.measuring import compare, median_us
from colporteur.delivery.message import Message, compose
from colporteur.digests.encoding import encode_part
from colporteur.digests.fitting import encoded_size
from colporteur.digests.inlining import inline
from colporteur.digests.rendering import Brought, Rendering, digest_of, render

_ARTICLES = 20
_ONCE = 15  # repetitions of what takes milliseconds


def section() -> None:
    """Lay out digests of 20 articles, and compose one reader's message."""
    samples = {
        f"{language}, {layout}": brought(
            language, layout, cards=tuple(card(language, one) for one in range(_ARTICLES))
        )
        for language, layout in (("fr", "briefing"), ("ar", "briefing"), ("en", "headlines"))
    }
    for name, sample in samples.items():
        _variant(name, sample)
    rendering = render(TEMPLATES, samples["fr, briefing"])
    compare(
        f"A reader's message as bytes ({encoded_size(rendering.html) / 1000:.0f} KB HTML)",
        ("Colporteur, headers.py and encoding.py", median_us(lambda: compose(_message(rendering)))),
        ("EmailMessage.as_bytes", median_us(lambda: _stdlib(_message(rendering)))),
    )


def _variant(name: str, sample: Brought) -> None:
    """What each step of a variant takes, once for all its readers."""
    digest = digest_of(TEMPLATES, sample)
    language = digest.mail.language

    def written(part: str) -> str:
        return TEMPLATES.render(f"email/digest/{part}.j2", language, digest=digest)

    html = written("body.html")
    marked = html.replace('data-premailer="ignore"', 'data-css-inline="ignore"')
    rival = css_inline.CSSInliner(load_remote_stylesheets=False)
    inlined = inline(html)
    steps = {
        "Jinja2, HTML": median_us(lambda: written("body.html"), _ONCE),
        "Jinja2, text": median_us(lambda: written("body.txt"), _ONCE),
        "premailer": median_us(lambda: inline(html), _ONCE),
        "encoding": median_us(lambda: encode_part(inlined), _ONCE),
        "css-inline, in premailer's place": median_us(lambda: rival.inline(marked), _ONCE),
    }
    size = encoded_size(inlined) / 1000
    print(f"\nA variant of {_ARTICLES} articles by its steps ({name}, {size:.0f} KB encoded)")
    for step, taken in steps.items():
        print(f"  {step:<46} {taken / 1000:>10.2f} ms")
    whole = median_us(lambda: render(TEMPLATES, sample), _ONCE)
    print(f"  {'the whole, as the renderer does it':<46} {whole / 1000:>10.2f} ms")
    *_, premailer, _, other = steps.values()
    print(f"  {'premailer to css-inline':<46} {premailer / other:>10.1f} x")


def _message(rendering: Rendering) -> Message:
    return Message(
        message_id="edition.reader@relais.example",
        date=SATURDAY,
        sender_name="Le Relais",
        sender="bonjour@relais.example",
        reply_to=None,
        recipient="amina@example.org",
        subject=rendering.subject,
        text=rendering.text,
        html=rendering.html,
        list_id="actualites.relais.example",
        list_name="Le Relais",
        unsubscribe_url="https://relais.example/unsubscribe/token",
        archive_url="https://relais.example/actualites",
        feedback_id="edition:actualites:digest:colporteur",
    )


def _stdlib(message: Message) -> bytes:
    built = EmailMessage(policy=SMTP)
    built["From"] = f"{message.sender_name} <{message.sender}>"
    built["To"] = message.recipient
    built["Subject"] = message.subject
    built.set_content(message.text, cte="quoted-printable")
    built.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return built.as_bytes()
