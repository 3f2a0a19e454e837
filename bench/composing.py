"""Section composing: a reader's message against the standard library's, and the inliner's share."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from bench.measuring import compare, median_us
from colporteur.config import Settings
from colporteur.delivery.message import Message, compose
from colporteur.digests.cards import Card
from colporteur.digests.inlining import inline
from colporteur.digests.rendering import Brought, digest_of, render
from colporteur.publication.files import read_publication
from colporteur.templating import Templates

_NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)


def section() -> None:
    """Compose a digest of 12 articles."""
    settings = Settings()
    templates = Templates(settings.template_folders)
    brought = _brought(settings)
    rendering = render(templates, brought)
    message = Message(
        message_id="edition.reader@relais.example",
        date=_NOW,
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
    size = f"{len(rendering.html) / 1000:.0f} KB HTML"
    compare(
        f"A reader's message as bytes ({size})",
        ("Colporteur, headers.py and encoding.py", median_us(lambda: compose(message))),
        ("EmailMessage.as_bytes", median_us(lambda: _stdlib(message))),
    )
    plain = templates.render(
        "email/digest/body.html.j2", "fr", digest=digest_of(templates, brought)
    )
    whole, inlining = (
        median_us(lambda: render(templates, brought), 15),
        median_us(lambda: inline(plain), 15),
    )
    print(f"\nA variant, once for all its readers ({size})")
    print(f"  {'Jinja2, text and HTML':<46} {whole - inlining:>10.0f} µs")
    print(f"  {'premailer':<46} {inlining:>10.0f} µs")


def _stdlib(message: Message) -> bytes:
    built = EmailMessage(policy=SMTP)
    built["From"] = f"{message.sender_name} <{message.sender}>"
    built["To"] = message.recipient
    built["Subject"] = message.subject
    built.set_content(message.text, cte="quoted-printable")
    built.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return built.as_bytes()


def _brought(settings: Settings) -> Brought:
    publication = read_publication(settings.feeds_folder).publication
    cards = tuple(
        Card(
            title=f"Marchés publics & logiciels : la clause d’audit sort de l’annexe {number}",
            teaser="Un groupement de 62 communes exige désormais de pouvoir tester les logiciels "
            "qu’il achète. Neuf éditeurs ont signé ; deux ont préféré se retirer.",
            url=f"https://relais.example/articles/{number}",
            topics=["Secteur public"],
            date="20 novembre 2026",
            iso_date="2026-11-20",
            authors=["Hadrien Mestoul"],
            language="fr",
            direction="ltr",
            foreign=False,
            image=None,
        )
        for number in range(12)
    )
    channel = publication.channels[0]
    return Brought(publication, channel, cards, 3, _NOW, "https://relais.example")
